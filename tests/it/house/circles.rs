//! No circle among the files of a room: no file uses another one that uses the first.
//!
//! A folder's `mod.rs` is its front. It puts the files below it together, so what it takes from them
//! does not count. What they take from it does, and so does what they take from each other through it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use rstest::rstest;

use super::imports::{Uses, uses};
use super::sources;

/// Leaves out what a front takes from the files below it.
fn without_fronts(mut uses: Uses) -> Uses {
    for (file, used) in &mut uses {
        let front = file.strip_suffix("mod.rs").or(file.strip_suffix("lib.rs"));
        if let Some(folder) = front {
            used.retain(|other, _| !other.starts_with(folder));
        }
    }
    uses
}

/// Files that each can be reached from each other one, in the order of their paths.
fn circles(uses: &Uses) -> BTreeSet<Vec<&str>> {
    let reached: BTreeMap<&str, BTreeSet<&str>> = uses
        .keys()
        .map(|file| (&**file, reached(uses, file)))
        .collect();
    let circle = |file: &&str| -> Vec<&str> {
        let back = |other: &&&str| reached[**other].contains(file);
        reached[file].iter().filter(back).copied().collect()
    };
    let circles = reached.keys().map(circle);
    circles.filter(|circle| !circle.is_empty()).collect()
}

/// All files that a file uses, and those that they use in turn.
fn reached<'a>(uses: &'a Uses, file: &str) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut left: Vec<&str> = vec![file];
    while let Some(file) = left.pop() {
        for used in uses[file].keys() {
            if reached.insert(&**used) {
                left.push(used);
            }
        }
    }
    reached
}

/// A circle as text: its files, and which names tie them.
fn shown(uses: &Uses, circle: &[&str]) -> String {
    let mut text = String::new();
    for file in circle {
        for (other, names) in &uses[*file] {
            if circle.contains(&&**other) {
                let names: Vec<&str> = names.iter().map(|name| &**name).collect();
                writeln!(text, "  {file} -> {other}: {}", names.join(", ")).unwrap();
            }
        }
    }
    text
}

#[test]
fn the_files_of_a_room_use_each_other_in_no_circle() {
    let sources = sources();
    let files: Vec<(&str, &str)> = sources
        .iter()
        .map(|(path, text)| (&**path, &**text))
        .collect();
    let uses = without_fronts(uses(&files));
    let mut found = BTreeSet::new();
    let mut text = String::new();
    for circle in circles(&uses) {
        let (room, _) = circle[0].split_once('/').unwrap_or((circle[0], ""));
        found.insert(room);
        writeln!(
            text,
            "`{room}`, {} files:\n{}",
            circle.len(),
            shown(&uses, &circle)
        )
        .unwrap();
    }
    // `cargo test --test it house::circles -- --nocapture` shows the known ones.
    eprintln!("{text}");
    assert!(found.is_empty(), "circles of files in {found:?}:\n{text}");
}

/// A room of two files and its front: `a` with this text, `b` with that one.
fn circles_of(front: &str, a: &str, b: &str) -> Vec<Vec<String>> {
    let files = [
        ("lib.rs", "pub mod room;"),
        ("room/mod.rs", front),
        ("room/a.rs", a),
        ("room/b.rs", b),
    ];
    let uses = without_fronts(uses(&files));
    let circles = circles(&uses).into_iter();
    let owned = |circle: Vec<&str>| circle.into_iter().map(str::to_owned).collect();
    circles.map(owned).collect()
}

const FRONT: &str = "mod a; mod b; pub use a::A; pub(crate) use b::{B, make as made};";
const B_USES_A: &str = "use super::a::A; pub struct B(A); pub fn make() {}";

#[rstest]
#[case::by_the_file("use crate::room::b::B; pub struct A;")]
#[case::beside_it("use super::b::B; pub struct A;")]
#[case::in_a_group("use std::{fmt, io}; use crate::{room::{b::{self, B}}, x}; pub struct A;")]
#[case::handed_on_by_the_front("use crate::room::B; pub struct A;")]
#[case::handed_on_beside_it("use super::{x::Y, B}; pub struct A;")]
#[case::under_another_name("use super::made; pub struct A;")]
#[case::under_its_own_other_name("use super::b::B as C; pub struct A;")]
#[case::all_names("use super::b::*; pub struct A; fn f(_: B) {}")]
#[case::through_the_module("use super::b; pub struct A; fn f() { b::make(); }")]
#[case::without_an_import("pub struct A; fn f() { super::b::make(); }")]
#[case::by_the_whole_path("pub struct A; fn f() -> crate::room::B { todo!() }")]
#[case::inside_a_function("pub struct A; fn f() { use super::b::make; make(); }")]
#[case::of_a_type("use super::B; pub struct A; fn f() { B::new(); }")]
fn a_circle_is_seen_however_a_name_is_imported(#[case] a: &str) {
    assert_eq!(
        circles_of(FRONT, a, B_USES_A),
        [["room/a.rs", "room/b.rs"]],
        "{a}"
    );
}

#[rstest]
#[case::one_way("pub struct A;")]
#[case::in_a_comment("pub struct A; // use super::b::B;\n/// See [`super::b::B`].\nfn f() {}")]
#[case::in_a_text("pub struct A; const TEXT: &str = \"use super::b::B;\";")]
#[case::in_a_test("pub struct A; #[cfg(test)] mod tests { use crate::room::b::B; }")]
#[case::of_another_crate("use b::B; use std::b; pub struct A;")]
#[case::a_name_of_its_own("pub struct A; fn make() {} fn f() { make(); Self::B }")]
fn where_there_is_no_circle_none_is_seen(#[case] a: &str) {
    assert_eq!(circles_of(FRONT, a, B_USES_A), [[""; 0]; 0], "{a}");
}

#[test]
fn a_front_may_use_the_files_below_it_and_they_may_use_the_front() {
    let front = "mod a; mod b; use a::A; pub struct Room(A);";
    let a = "use super::Room; pub struct A;";
    assert_eq!(circles_of(front, a, ""), [[""; 0]; 0]);
    let files = [("room/mod.rs", front), ("room/a.rs", a)];
    let uses = uses(&files);
    let all = "  room/a.rs -> room/mod.rs: Room\n  room/mod.rs -> room/a.rs: A\n";
    assert_eq!(shown(&uses, &["room/a.rs", "room/mod.rs"]), all);
    // A name that is only handed on is no use of it.
    let front = "mod a; pub use a::A; pub struct Room;";
    let uses = super::imports::uses(&[("room/mod.rs", front), ("room/a.rs", a)]);
    assert!(uses["room/mod.rs"].is_empty(), "{uses:?}");
}

#[test]
fn a_circle_of_three_and_one_across_rooms_are_seen() {
    let files = [
        ("lib.rs", "mod one; mod two;"),
        ("one/mod.rs", "mod a; mod b; pub use b::B;"),
        ("one/a.rs", "use crate::two::C; pub struct A(C);"),
        ("one/b.rs", "use super::a::A; pub struct B(A);"),
        (
            "two.rs",
            "use crate::one::B; pub struct C(B); pub struct D;",
        ),
        ("main.rs", "use crate::two::D;"),
    ];
    let uses = uses(&files);
    let circles: Vec<_> = circles(&uses).into_iter().collect();
    assert_eq!(circles, [["one/a.rs", "one/b.rs", "two.rs"]]);
    assert_eq!(
        shown(&uses, &circles[0]),
        "  one/a.rs -> two.rs: C\n  one/b.rs -> one/a.rs: A\n  two.rs -> one/b.rs: B\n"
    );
}
