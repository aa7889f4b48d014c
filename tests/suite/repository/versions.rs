//! One version for all packages: the workspace's.

use serde_json::Value;

use super::tree::{File, files};
use super::{assert_found, assert_none};

/// Packages of ours that other manifests name.
const OURS: [&str; 2] = ["vectlite", "@vectlite/"];

/// A crate that is a workspace of its own, as nobody else is to compile what it needs: it says the version, and has ours by their path.
const APART: &str = "tests/fuzz/Cargo.toml";

/// The `key = value` lines of a TOML file, each with the table it stands in. Enough for manifests, which are written
/// one setting a line.
fn settings(file: &File) -> Vec<(&str, &str, &str)> {
    let mut table = "";
    let mut found = Vec::new();
    for line in file.text.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            table = name;
        } else if let Some((key, value)) = line.split_once('=') {
            found.push((table, key.trim(), value.trim()));
        }
    }
    found
}

fn other_versions(files: &[File]) -> Vec<String> {
    let Some(root) = files.iter().find(|file| file.path == "Cargo.toml") else {
        return vec!["there is no workspace".to_owned()];
    };
    let settings_of_root = settings(root);
    let Some((_, _, version)) =
        settings_of_root.iter().find(|(table, key, _)| (*table, *key) == ("workspace.package", "version"))
    else {
        return vec!["the workspace has no version".to_owned()];
    };

    let mut violations = Vec::new();
    for (table, name, value) in &settings_of_root {
        if *table == "workspace.dependencies"
            && is_ours(name)
            && !value.contains(&format!("version = {version}"))
        {
            violations.push(format!("Cargo.toml: {name} is required as {value}, not {version}"));
        }
    }
    for file in files {
        match file.path.rsplit('/').next() {
            Some("Cargo.toml") if file.path != root.path => violations.extend(wrong_in_crate(file, version)),
            Some("pyproject.toml") => violations.extend(wrong_in_pyproject(file, version)),
            Some("package.json") => violations.extend(wrong_in_npm(file, version.trim_matches('"'))),
            _ => {}
        }
    }
    violations
}

/// A crate takes the version, and those of ours it needs, from the workspace.
fn wrong_in_crate(file: &File, version: &str) -> Vec<String> {
    let settings = settings(file);
    let apart = file.path == APART;
    let inherits = if apart {
        settings.contains(&("package", "version", version))
    } else {
        settings.contains(&("package", "version.workspace", "true"))
    };
    let own = settings.iter().filter(|(table, key, value)| {
        let name = key.split('.').next().unwrap_or_default();
        table.ends_with("dependencies")
            && is_ours(name)
            && !key.ends_with(".workspace")
            && !value.contains("workspace = true")
            && !(apart && value.starts_with("{ path = "))
    });
    own.map(|(_, key, value)| format!("{}: {key} = {value} goes around the workspace", file.path))
        .chain((!inherits).then(|| format!("{}: the version is not the workspace's", file.path)))
        .collect()
}

/// A Python package asks its crate (`dynamic`), or says the same.
fn wrong_in_pyproject(file: &File, version: &str) -> Vec<String> {
    let settings = settings(file);
    let own = settings.iter().find(|(table, key, _)| (*table, *key) == ("project", "version"));
    let dynamic = settings
        .iter()
        .any(|(table, key, value)| (*table, *key) == ("project", "dynamic") && value.contains("\"version\""));
    match own {
        Some((_, _, own)) if *own != version => vec![format!("{}: version {own}, not {version}", file.path)],
        None if !dynamic => vec![format!("{}: no version", file.path)],
        _ => Vec::new(),
    }
}

/// A package of Node says the same, also of the packages of ours that it needs. Private ones have no version.
fn wrong_in_npm(file: &File, version: &str) -> Vec<String> {
    let Ok(manifest) = serde_json::from_str::<Value>(&file.text) else {
        return vec![format!("{}: no JSON", file.path)];
    };
    let mut violations = Vec::new();
    let own = manifest.get("version").and_then(Value::as_str);
    let is_private = manifest.get("private").and_then(Value::as_bool) == Some(true);
    if own != Some(version) && !(is_private && own.is_none()) {
        violations.push(format!("{}: version {own:?}, not {version}", file.path));
    }
    for section in ["dependencies", "optionalDependencies", "peerDependencies"] {
        let needed = manifest.get(section).and_then(Value::as_object).into_iter().flatten();
        for (name, required) in needed.filter(|(name, _)| is_ours(name)) {
            if required.as_str() != Some(version) {
                violations.push(format!("{}: {name} is required as {required}, not {version}", file.path));
            }
        }
    }
    violations
}

fn is_ours(name: &str) -> bool {
    OURS.iter().any(|ours| name.starts_with(ours))
}

#[test]
fn all_packages_have_one_version() {
    assert_none(other_versions(&files()));
}

#[test]
fn made_up_versions_are_found() {
    let root = "[workspace.package]\nversion = \"0.2.0\"\n[workspace.dependencies]\nserde = \"1\"\n\
                vectlite-ann = { path = \"ann\", version = \"0.1.0\" }\nvectlite-text = { path = \"text\", version = \"0.2.0\" }";
    let files = [
        File::made_up("Cargo.toml", root),
        File::made_up(
            "ann/Cargo.toml",
            "[package]\nversion = \"0.2.0\"\n[dependencies]\nvectlite-text.workspace = true",
        ),
        File::made_up(
            "text/Cargo.toml",
            "[package]\nversion.workspace = true\n[dependencies]\nvectlite-ann = { path = \"../ann\" }",
        ),
        File::made_up(
            APART,
            "[package]\nversion = \"0.1.0\"\n[dependencies]\nvectlite-ann = { path = \"../../ann\" }\nvectlite-text = \"0.1.0\"",
        ),
        File::made_up(
            "bindings/python/pyproject.toml",
            "[project]\nname = \"vectlite\"\nversion = \"0.1.9\"",
        ),
        File::made_up("bindings/python/old/pyproject.toml", "[project]\nname = \"vectlite\""),
        File::made_up("bindings/python/new/pyproject.toml", "[project]\ndynamic = [\"version\"]"),
        File::made_up(
            "bindings/node/package.json",
            "{\"version\": \"0.1.0\", \"optionalDependencies\": {\"@vectlite/linux\": \"0.2.0\", \"vectlite-mac\": \"0.1.0\"}}",
        ),
        File::made_up(
            "examples/node/package.json",
            "{\"private\": true, \"dependencies\": {\"left-pad\": \"1\"}}",
        ),
    ];
    assert_found(
        &other_versions(&files),
        &[
            "Cargo.toml: vectlite-ann is required as",
            "ann/Cargo.toml: the version is not the workspace's",
            "text/Cargo.toml: vectlite-ann = { path = \"../ann\" } goes around",
            "fuzz/Cargo.toml: vectlite-text = \"0.1.0\" goes around",
            "fuzz/Cargo.toml: the version is not the workspace's",
            "python/pyproject.toml: version \"0.1.9\", not \"0.2.0\"",
            "old/pyproject.toml: no version",
            "node/package.json: version Some(\"0.1.0\"), not 0.2.0",
            "node/package.json: vectlite-mac is required as \"0.1.0\"",
        ],
    );
    assert_found(&other_versions(&[]), &["no workspace"]);
}
