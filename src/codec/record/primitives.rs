//! The smallest records: texts, numbers, moments, checked names; and what may be missing, or be many.

use std::time::Duration;

use serde_json::Value;

use super::shape::{Record, Unreadable};
use crate::domain::names::{Code, GroupId, Guid, PersonId, Room, RotationId, SourceName, TargetName, Zone};
use crate::domain::time::Timestamp;

fn text(value: &Value) -> Result<&str, Unreadable> {
    value.as_str().ok_or(Unreadable)
}

macro_rules! checked_names {
    ($($name:ident),+) => {$(
        impl Record for $name {
            fn to_value(&self) -> Value {
                Value::from(self.as_str())
            }

            fn from_value(value: &Value) -> Result<Self, Unreadable> {
                Self::parse(text(value)?).map_err(|_| Unreadable)
            }
        }
    )+};
}
checked_names!(Code, GroupId, Guid, PersonId, Room, RotationId, SourceName, TargetName, Zone);

macro_rules! whole_numbers {
    ($($number:ident),+) => {$(
        impl Record for $number {
            fn to_value(&self) -> Value {
                Value::from(*self)
            }

            fn from_value(value: &Value) -> Result<Self, Unreadable> {
                Self::try_from(value.as_u64().ok_or(Unreadable)?).map_err(|_| Unreadable)
            }
        }
    )+};
}
whole_numbers!(u8, u16, u32, u64, usize);

impl Record for String {
    fn to_value(&self) -> Value {
        Value::from(self.as_str())
    }

    fn from_value(value: &Value) -> Result<Self, Unreadable> {
        text(value).map(str::to_owned)
    }
}

impl Record for bool {
    fn to_value(&self) -> Value {
        Value::from(*self)
    }

    fn from_value(value: &Value) -> Result<Self, Unreadable> {
        value.as_bool().ok_or(Unreadable)
    }
}

impl Record for Timestamp {
    fn to_value(&self) -> Value {
        Value::from(self.0)
    }

    fn from_value(value: &Value) -> Result<Self, Unreadable> {
        value.as_i64().map(Self).ok_or(Unreadable)
    }
}

/// In milliseconds.
impl Record for Duration {
    fn to_value(&self) -> Value {
        Value::from(u64::try_from(self.as_millis()).unwrap_or(u64::MAX))
    }

    fn from_value(value: &Value) -> Result<Self, Unreadable> {
        value.as_u64().map(Self::from_millis).ok_or(Unreadable)
    }
}

impl<T: Record> Record for Option<T> {
    fn to_value(&self) -> Value {
        self.as_ref().map_or(Value::Null, T::to_value)
    }

    fn from_value(value: &Value) -> Result<Self, Unreadable> {
        if value.is_null() { Ok(None) } else { T::from_value(value).map(Some) }
    }
}

impl<T: Record> Record for Box<T> {
    fn to_value(&self) -> Value {
        (**self).to_value()
    }

    fn from_value(value: &Value) -> Result<Self, Unreadable> {
        T::from_value(value).map(Self::new)
    }
}

impl<T: Record> Record for Vec<T> {
    fn to_value(&self) -> Value {
        let mut values = Vec::with_capacity(self.len());
        for item in self {
            values.push(item.to_value());
        }
        Value::Array(values)
    }

    fn from_value(value: &Value) -> Result<Self, Unreadable> {
        let values = value.as_array().ok_or(Unreadable)?;
        let mut items = Self::with_capacity(values.len());
        for value in values {
            items.push(T::from_value(value)?);
        }
        Ok(items)
    }
}

/// As a list of two.
impl<A: Record, B: Record> Record for (A, B) {
    fn to_value(&self) -> Value {
        Value::Array(vec![self.0.to_value(), self.1.to_value()])
    }

    fn from_value(value: &Value) -> Result<Self, Unreadable> {
        match value.as_array().map(Vec::as_slice) {
            Some([first, second]) => Ok((A::from_value(first)?, B::from_value(second)?)),
            _ => Err(Unreadable),
        }
    }
}
