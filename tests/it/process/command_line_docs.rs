//! `docs/command-line.md` has the flags, variables, defaults and exit codes of the command itself.

use swas_emulator::internals::command_line;

const PAGE: &str = include_str!("../../../docs/command-line.md");

/// The part of the page under a heading, up to the next one of the same level.
fn section(heading: &str) -> &'static str {
    let (_, rest) = PAGE
        .split_once(&format!("\n## {heading}\n"))
        .unwrap_or_else(|| panic!("no section `{heading}`"));
    rest.split("\n## ").next().unwrap()
}

/// The flags as the page must show them.
fn table<'a>(arguments: impl Iterator<Item = &'a clap::Arg>) -> String {
    let mut table = "| flag | environment | default | meaning |\n|---|---|---|---|\n".to_owned();
    for argument in arguments.filter(|argument| argument.get_long().is_some()) {
        table.push_str(&row(argument));
    }
    table
}

fn row(argument: &clap::Arg) -> String {
    let takes_value = argument.get_action().takes_values();
    let name = argument.get_long().unwrap();
    let value = argument.get_value_names().filter(|_| takes_value);
    let flag = match value {
        Some(value) => format!("`--{name} {}`", value.join(" ")),
        None => format!("`--{name}`"),
    };
    let variable = match argument.get_env() {
        Some(variable) => format!("`{}`", variable.display()),
        None => "none".to_owned(),
    };
    let help = argument.get_help().unwrap().to_string();
    // A default that depends on something else stands in the help.
    let (help, told) = match help.split_once(" [default: ") {
        Some((help, told)) => (help.to_owned(), told.strip_suffix(']')),
        None => (help, None),
    };
    let defaults: Vec<_> = argument
        .get_default_values()
        .iter()
        .map(|default| default.to_str().unwrap())
        .collect();
    let default = match (told, defaults.as_slice()) {
        (Some(told), []) if told.contains(' ') => told.to_owned(),
        (Some(told), []) => format!("`{told}`"),
        (None, _) if !takes_value => "off".to_owned(),
        (None, []) if argument.is_required_set() => "required".to_owned(),
        (None, []) => "none".to_owned(),
        (None, [default]) => format!("`{default}`"),
        more => panic!("--{name}: {more:?}"),
    };
    let long = argument.get_long_help().map(ToString::to_string);
    let more = long.as_deref().and_then(|long| long.split_once("\n\n"));
    let meaning = more.map_or(help.clone(), |(_, more)| format!("{help}. {more}"));
    let meaning = meaning.trim_end_matches('.');
    let values: Vec<_> = argument
        .get_possible_values()
        .iter()
        .map(|value| format!("`{}`", value.get_name()))
        .collect();
    let meaning = if values.is_empty() || !takes_value {
        meaning.to_owned()
    } else {
        format!("{meaning}: {}", values.join(", "))
    };
    format!("| {flag} | {variable} | {default} | {meaning}. |\n")
}

#[test]
fn each_command_has_a_section_with_its_flags() {
    let command = command_line();
    for subcommand in command.get_subcommands() {
        let name = subcommand.get_name();
        let (shown, table) = (
            section(&format!("`{name}`")),
            table(subcommand.get_arguments()),
        );
        assert!(
            shown.contains(&table),
            "the section of `{name}` must have this table:\n{table}"
        );
    }
    assert_eq!(
        PAGE.matches("\n## `").count(),
        command.get_subcommands().count()
    );
}

#[test]
fn without_a_command_the_flags_are_those_of_serve() {
    let command = command_line();
    let serve = command.find_subcommand("serve").unwrap();
    assert_eq!(table(command.get_arguments()), table(serve.get_arguments()));
}

#[test]
fn the_page_has_the_exit_codes_of_the_help() {
    let help = command_line().get_after_help().unwrap().to_string();
    let (_, codes) = help.split_once("Exit codes: ").unwrap();
    let codes: Vec<_> = codes
        .split("; ")
        .map(|code| code.split(' ').next().unwrap())
        .collect();
    let section = section("Exit codes");
    let shown: Vec<_> = section
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.split(' ').next())
        .filter(|cell| cell.bytes().all(|byte| byte.is_ascii_digit()))
        .collect();
    assert_eq!(shown, codes);
}
