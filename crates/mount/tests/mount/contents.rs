//! What a container's own processes see.

use crate::bundle::Bundle;
use crate::machine::is_able;
use crate::service::{SIZE_UNIT, bytes, file, owned, run, secret};
use std::path::Path;
use strongroom_model::Kind;

#[test]
fn every_file_has_its_bytes_owner_and_mode_at_its_target() {
    if !is_able() {
        return;
    }
    let files = vec![
        secret(1, "password"),
        owned(secret(1, "again"), 1000, 1001, 0o400),
        secret(2, "tls/ca/root.pem"),
        owned(
            file(Kind::Config, 3, 0, "etc/app/settings.json"),
            5,
            6,
            0o640,
        ),
        secret(4, "/opt/keys/signing.key"),
        file(Kind::Config, 5, 255, "/large"),
    ];
    let (container, _attached) = run(Bundle::new(), files);
    for (path, number, size, stat) in [
        ("/run/secrets/password", 1, 1, "0 0 444 1 regular file"),
        ("/run/secrets/again", 1, 1, "1000 1001 400 1 regular file"),
        (
            "/run/secrets/tls/ca/root.pem",
            2,
            1,
            "0 0 444 1 regular file",
        ),
        ("/etc/app/settings.json", 3, 1, "5 6 640 1 regular file"),
        ("/opt/keys/signing.key", 4, 1, "0 0 444 1 regular file"),
        (
            "/large",
            5,
            255 * SIZE_UNIT + 1,
            "0 0 444 1044226 regular file",
        ),
    ] {
        assert!(
            container.print(&["cat", path]) == bytes(number, size),
            "{path}"
        );
        let found = container.print(&["stat", "-c", "%u %g %a %s %F", path]);
        assert_eq!(found.trim_end(), stat, "{path}");
    }
    let listing = container.print(&["ls", "-1", "/run/secrets", "/run/secrets/tls"]);
    assert_eq!(
        listing,
        "/run/secrets:\nagain\npassword\ntls\n\n/run/secrets/tls:\nca\n"
    );
}

#[test]
fn a_files_mode_decides_who_in_the_container_reads_it() {
    if !is_able() {
        return;
    }
    let files = vec![owned(secret(1, "key"), 1000, 1001, 0o440)];
    let (container, _attached) = run(Bundle::new(), files);
    for (user, allowed) in [
        ("1000:1", true),
        ("1:1001", true),
        ("0:0", true),
        ("1:1", false),
    ] {
        let output = container.exec_as(user, &["cat", "/run/secrets/key"]);
        assert_eq!(output.status.success(), allowed, "{user}: {output:?}");
    }
}

#[test]
fn nothing_can_be_changed_even_by_root() {
    if !is_able() {
        return;
    }
    let files = vec![secret(1, "key"), secret(2, "/etc/key")];
    let (container, _attached) = run(Bundle::new(), files);
    for command in [
        "echo x > /run/secrets/key",
        "echo x >> /etc/key",
        "echo x > /run/secrets/new",
        "mkdir /run/secrets/new",
        "rm /run/secrets/key",
        "mv /run/secrets/key /run/secrets/other",
        "chmod 777 /run/secrets/key",
        "ln -s x /run/secrets/link",
    ] {
        let command = format!(
            "alias mkdir='busybox mkdir' rm='busybox rm' mv='busybox mv'\n\
            alias chmod='busybox chmod' ln='busybox ln'\n{command}"
        );
        let output = container.exec(&["sh", "-c", &command]);
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success(), "{command}");
        assert!(
            error.contains("Read-only file system"),
            "{command}: {error}"
        );
    }
    assert_eq!(container.print(&["cat", "/run/secrets/key"]), bytes(1, 1));
}

#[test]
fn a_read_only_root_without_the_directories_gets_its_files() {
    if !is_able() {
        return;
    }
    let mut bundle = Bundle::new();
    bundle.config["root"]["readonly"] = true.into();
    std::fs::remove_dir(bundle.root().join("run")).unwrap();
    let (container, _attached) = run(bundle, vec![secret(1, "key"), secret(2, "/etc/a/b")]);
    assert_eq!(
        container.print(&["cat", "/run/secrets/key", "/etc/a/b"]),
        bytes(1, 1) + &bytes(2, 1)
    );
    assert!(!container.exec(&["sh", "-c", "echo > /x"]).status.success());
}

#[test]
fn a_tmpfs_on_run_gets_the_secrets() {
    if !is_able() {
        return;
    }
    let mut bundle = Bundle::new();
    bundle.mount("/run", "tmpfs", Path::new("tmpfs"), &["mode=755"]);
    let (container, _attached) = run(bundle, vec![secret(1, "key")]);
    assert_eq!(container.print(&["cat", "/run/secrets/key"]), bytes(1, 1));
    // The place was made in the container's own tmpfs, not in the image below it.
    assert!(!container.root().join("run/secrets").exists());
}

#[test]
fn a_user_namespace_sees_its_own_numbers() {
    if !is_able() {
        return;
    }
    let mut bundle = Bundle::new();
    bundle.map_users(200_000);
    let files = vec![
        owned(secret(1, "roots"), 0, 0, 0o400),
        owned(secret(2, "users"), 1000, 1001, 0o400),
        owned(secret(3, "/etc/app/key"), 1000, 1001, 0o400),
    ];
    let (container, _attached) = run(bundle, files);
    for (user, path, number, owner) in [
        ("0:0", "/run/secrets/roots", 1, "0 0"),
        ("1000:1001", "/run/secrets/users", 2, "1000 1001"),
        ("1000:1001", "/etc/app/key", 3, "1000 1001"),
    ] {
        let output = container.exec_as(user, &["cat", path]);
        assert_eq!(
            output.stdout,
            bytes(number, 1).as_bytes(),
            "{path}: {output:?}"
        );
        assert_eq!(
            container.print(&["stat", "-c", "%u %g", path]).trim_end(),
            owner
        );
    }
    let other = container.exec_as("1000:1001", &["cat", "/run/secrets/roots"]);
    assert!(!other.status.success());
    assert_eq!(
        container.print(&["stat", "-c", "%u %g", "/etc/app"]),
        "0 0\n"
    );
}

#[test]
fn an_existing_file_is_covered_and_a_symbolic_link_is_followed_inside() {
    if !is_able() {
        return;
    }
    let bundle = Bundle::new();
    std::fs::write(bundle.root().join("etc/there"), "from the image").unwrap();
    std::os::unix::fs::symlink("/etc/there", bundle.root().join("etc/link")).unwrap();
    let (container, _attached) = run(bundle, vec![secret(1, "/etc/link")]);
    assert_eq!(
        container.print(&["cat", "/etc/there", "/etc/link"]),
        bytes(1, 1).repeat(2)
    );
    let image = std::fs::read_to_string(container.root().join("etc/there")).unwrap();
    assert_eq!(image, "from the image");
}
