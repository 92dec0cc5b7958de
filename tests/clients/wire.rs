//! A wire that answers from a script and keeps what it was sent.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use http::{Request, Response};
use pbi_rotate::domain::time::Timestamp;
use pbi_rotate::ports::{Lost, Wire};

pub type Answer = Result<Response<Bytes>, Lost>;

#[derive(Default)]
pub struct Script {
    answers: RefCell<VecDeque<Answer>>,
    sent: RefCell<Vec<Request<Bytes>>>,
}

impl Script {
    pub fn new(answers: impl IntoIterator<Item = Answer>) -> Self {
        Self { answers: RefCell::new(answers.into_iter().collect()), sent: RefCell::default() }
    }

    /// The requests so far, as `METHOD url`.
    pub fn lines(&self) -> Vec<String> {
        self.sent.borrow().iter().map(|request| format!("{} {}", request.method(), request.uri())).collect()
    }

    /// The one request there was.
    pub fn only(&self) -> Request<Bytes> {
        let mut sent = self.sent.borrow_mut();
        assert_eq!(sent.len(), 1, "one request");
        sent.remove(0)
    }
}

impl Wire for Script {
    async fn send(&self, request: Request<Bytes>) -> Answer {
        self.sent.borrow_mut().push(request);
        self.answers.borrow_mut().pop_front().expect("the script has an answer for every request")
    }

    fn sent(&self) -> usize {
        self.sent.borrow().len()
    }

    fn wait_until(&self, _: Timestamp) {}
}

/// An answer with headers and a body.
pub fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Answer {
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(*name, *value);
    }
    Ok(response.body(Bytes::copy_from_slice(body.as_bytes())).expect("a response"))
}

/// Runs a future that waits for nothing but the script.
pub fn run<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("a script never keeps anybody waiting"),
    }
}
