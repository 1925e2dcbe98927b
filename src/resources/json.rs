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

/// Reads a list of at most `n_max` objects; `null` is an empty one.
///
/// In messages, `owner` has the list, and `entries` are in it.
pub(crate) fn objects<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
    owner: &str,
    n_max: usize,
    entries: &str,
) -> Result<Vec<T>, D::Error> {
    let objects: Vec<Object<T>> = or_default(deserializer)?;
    if objects.len() > n_max {
        let n = objects.len();
        let rule = format!("{owner} has at most {n_max} {entries}, got {n}");
        return Err(D::Error::custom(rule));
    }
    Ok(objects.into_iter().map(|Object(object)| object).collect())
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

/// Reads an integer of a range; `null` is none.
pub(crate) fn integer_or_null<'de, T: TryFrom<i64>, D: Deserializer<'de>>(
    deserializer: D,
    range: &RangeInclusive<i64>,
) -> Result<Option<T>, D::Error> {
    let Some(number) = Option::<i64>::deserialize(deserializer)? else {
        return Ok(None);
    };
    let integer = T::try_from(number).ok();
    if let Some(integer) = integer.filter(|_| range.contains(&number)) {
        return Ok(Some(integer));
    }
    let (start, end) = range.clone().into_inner();
    let expected = format!("an integer in {start}..={end}");
    let found = Unexpected::Signed(number);
    Err(D::Error::invalid_value(found, &&*expected))
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
        let read = |text: &str| {
            let mut json = serde_json::Deserializer::from_str(text);
            integer_or_null::<u32, _>(&mut json, &(1..=10)).map_err(|error| error.to_string())
        };
        assert_eq!(read("1"), Ok(Some(1)));
        assert_eq!(read("10"), Ok(Some(10)));
        assert_eq!(read("null"), Ok(None));
        for text in ["0", "11", "-1"] {
            let error = read(text).unwrap_err();
            assert!(error.contains("expected an integer in 1..=10"), "{error}");
        }
        for text in ["1.0", "\"1\"", "[]", "18446744073709551615"] {
            let error = read(text).unwrap_err();
            assert!(error.contains("expected i64"), "{error}");
        }
    }
}
