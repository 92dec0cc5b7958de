//! Values to JSON and back by tables of fields: no derived code, whose copies for every type are most of a Worker.
//!
//! A record is an object. A choice is an object whose `is` names it beside what it holds, or the name alone when it
//! holds nothing. What is `None` is left out. Unknown fields are ignored, so that an older version can read what a
//! newer one wrote; a field that is needed and missing makes the whole unreadable.

use serde_json::{Map, Value};

/// A row or message that does not fit this version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unreadable;

/// Something that is kept in rows or passed between objects.
pub trait Record {
    /// The value as JSON; null when there is none.
    fn to_value(&self) -> Value;

    /// The value that JSON describes.
    ///
    /// # Errors
    /// When a part that is needed is missing, or is not what it should be.
    fn from_value(value: &Value) -> Result<Self, Unreadable>
    where
        Self: Sized;
}

/// A record with these fields.
pub(super) fn object(fields: &[(&str, &dyn Record)]) -> Value {
    Value::Object(present(fields))
}

/// The choice of that name, with what it holds.
pub(super) fn tagged(name: &str, fields: &[(&str, &dyn Record)]) -> Value {
    let mut held = present(fields);
    if held.is_empty() {
        return Value::from(name);
    }
    held.insert(IS.to_owned(), Value::from(name));
    Value::Object(held)
}

/// The name of the choice that was made.
pub(super) fn tag(value: &Value) -> Result<&str, Unreadable> {
    value.as_str().or_else(|| value.get(IS)?.as_str()).ok_or(Unreadable)
}

/// A field; one that is missing reads like null.
pub(super) fn field<T: Record>(value: &Value, key: &str) -> Result<T, Unreadable> {
    T::from_value(value.get(key).unwrap_or(&Value::Null))
}

const IS: &str = "is";

fn present(fields: &[(&str, &dyn Record)]) -> Map<String, Value> {
    let mut present = Map::new();
    for (key, field) in fields {
        let value = field.to_value();
        if !value.is_null() {
            present.insert((*key).to_owned(), value);
        }
    }
    present
}

/// `record!(Type { field, … })`: a struct with public fields, which are its keys.
macro_rules! record {
    ($type:ident { $($field:ident),+ $(,)? }) => {
        impl $crate::codec::record::Record for $type {
            fn to_value(&self) -> serde_json::Value {
                $crate::codec::record::shape::object(&[$((stringify!($field), &self.$field)),+])
            }

            fn from_value(value: &serde_json::Value) -> Result<Self, $crate::codec::record::Unreadable> {
                Ok(Self { $($field: $crate::codec::record::shape::field(value, stringify!($field))?),+ })
            }
        }
    };
}

/// `choice!(Type { Alone, With { field, … }, Holding(key, …), … })`: an enum. What a tuple holds is given keys here.
macro_rules! choice {
    ($type:ident { $($name:ident $({ $($field:ident),+ })? $(( $($item:ident),+ ))?),+ $(,)? }) => {
        impl $crate::codec::record::Record for $type {
            fn to_value(&self) -> serde_json::Value {
                match self {
                    $(Self::$name $({ $($field),+ })? $(($($item),+))? => $crate::codec::record::shape::tagged(
                        stringify!($name),
                        &[$($((stringify!($field), $field)),+)? $($((stringify!($item), $item)),+)?],
                    ),)+
                }
            }

            fn from_value(value: &serde_json::Value) -> Result<Self, $crate::codec::record::Unreadable> {
                let tag = $crate::codec::record::shape::tag(value)?;
                $(if tag == stringify!($name) {
                    return Ok(Self::$name
                        $({ $($field: $crate::codec::record::shape::field(value, stringify!($field))?),+ })?
                        $(($($crate::codec::record::shape::field(value, stringify!($item))?),+))?);
                })+
                Err($crate::codec::record::Unreadable)
            }
        }
    };
}

pub(super) use {choice, record};
