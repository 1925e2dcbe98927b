//! What the documentation says of actions is what the table of actions says.

use swas_emulator::internals::{ACTIONS, Access};

const README: &str = include_str!("../../../README.md");
const COMPATIBILITY: &str = include_str!("../../../docs/compatibility.md");

/// The rows of the README's table: action, access, RAM action.
fn listed() -> Vec<[String; 3]> {
    let (_, section) = README.split_once("\n## Emulated actions\n").unwrap();
    let section = section.split("\n## ").next().unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        [cells[1], cells[2], cells[3]].map(|cell| cell.trim_matches('`').to_owned())
    })
    .collect()
}

#[test]
fn the_readme_lists_just_the_actions_of_the_table() {
    let expected = ACTIONS.map(|action| {
        let access = match action.access {
            Access::Reads => "reads",
            Access::Changes => "changes",
        };
        [action.name, access, action.ram.action].map(str::to_owned)
    });
    assert_eq!(listed(), expected);
}

#[test]
fn every_row_of_the_table_is_whole() {
    for action in ACTIONS {
        let name = action.name;
        assert_eq!(action.ram.action, format!("swas-open:{name}"));
        assert!(!action.ram.resources.is_empty(), "{name}");
        for parameter in action.parameters {
            let texts = [parameter.meaning, parameter.source];
            assert!(texts.iter().all(|text| !text.is_empty()), "{name}");
        }
    }
}

/// A section that begins with the action's name has each of its parameters.
#[test]
fn every_parameter_of_every_action_is_in_the_documentation() {
    for action in ACTIONS {
        let heading = format!("\n## {}", action.name);
        let sections: Vec<&str> = COMPATIBILITY
            .match_indices(&heading)
            .map(|(at, _)| {
                let section = &COMPATIBILITY[at + heading.len()..];
                section.split("\n## ").next().unwrap()
            })
            .collect();
        assert!(!sections.is_empty(), "no section of {}", action.name);
        for parameter in action.parameters {
            let name = format!("`{}`", parameter.name);
            let is_there = sections.iter().any(|section| section.contains(&name));
            assert!(is_there, "{} of {}", parameter.name, action.name);
        }
    }
}
