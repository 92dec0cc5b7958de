//! pbi-rotate: the Worker.
