//! Reading resources from JSON: what serde does not check by itself.

use std::fmt;
use std::marker::PhantomData;
use std::ops::RangeInclusive;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Unexpected, Visitor};

/// A value that is read from an object only.
///
/// A struct alone can be read from a list too: its fields, in order.
#[derive(Debug)]
pub(crate) struct Object<T>(pub(crate) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ObjectVisitor(PhantomData))
    }
}

struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectVisitor<T> {
    type Value = Object<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Object)
    }
}

/// Reads a field that has a default; `null` is the default too.
pub(crate) fn or_default<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: Deserialize<'de> + Default,
    D: Deserializer<'de>,
{
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// Reads a string that means a `T`; `expected` says which strings do.
pub(crate) fn parsed<'de, T, D: Deserializer<'de>>(
    deserializer: D,
    expected: &str,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<T, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse(&text).ok_or_else(|| D::Error::invalid_value(Unexpected::Str(&text), &expected))
}

/// Checks that an integer lies in a range.
pub(crate) fn in_range<T: TryFrom<i64>, E: Error>(
    number: i64,
    range: &RangeInclusive<i64>,
) -> Result<T, E> {
    let in_range = range.contains(&number).then_some(number);
    in_range
        .and_then(|number| T::try_from(number).ok())
        .ok_or_else(|| {
            let expected = format!("an integer in {}..={}", range.start(), range.end());
            E::invalid_value(Unexpected::Signed(number), &&*expected)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    struct Pair {
        a: u8,
        b: u8,
    }

    #[test]
    fn an_object_is_never_read_from_a_list() {
        let Object(Pair { a, b }) = serde_json::from_str(r#"{"a": 1, "b": 2}"#).unwrap();
        assert_eq!((a, b), (1, 2));
        let error = serde_json::from_str::<Object<Pair>>("[1, 2]").unwrap_err();
        let expected = "invalid type: sequence, expected an object";
        assert!(error.to_string().starts_with(expected), "{error}");
    }

    #[test]
    fn an_integer_is_held_to_both_ends_of_its_range() {
        let read = |number| in_range::<u32, serde_json::Error>(number, &(1..=10));
        assert_eq!(read(1).unwrap(), 1);
        assert_eq!(read(10).unwrap(), 10);
        for number in [0, 11, -1, i64::MAX] {
            let error = read(number).unwrap_err().to_string();
            let expected =
                format!("invalid value: integer `{number}`, expected an integer in 1..=10");
            assert_eq!(error, expected);
        }
    }
}
