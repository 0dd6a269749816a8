//! Real containers: a busybox root file system, and a `createRuntime` hook that asks the test.

use crate::machine::{runc, until};
use serde_json::{Value, json};
use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

/// What a container is made of, until it is created.
pub(crate) struct Bundle {
    folder: tempfile::TempDir,
    id: String,
    /// The OCI configuration; a test changes what it is about.
    pub(crate) config: Value,
}

/// A container; killed and deleted when dropped.
pub(crate) struct Container {
    folder: tempfile::TempDir,
    id: String,
    /// Its first process, as the host counts.
    pub(crate) pid: i32,
}

/// A container whose runtime waits for the hook's answer.
pub(crate) struct Creating {
    container: Container,
    runtime: Child,
}

impl Bundle {
    /// A container that sleeps.
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        // A user namespace's root has to be let through all of the path, which a build below /root does not.
        let folder = tempfile::tempdir_in("/var/tmp").unwrap();
        let root = folder.path().join("rootfs");
        for directory in ["bin", "dev", "etc", "proc", "run", "sys"] {
            fs::create_dir_all(root.join(directory)).unwrap();
        }
        fs::copy("/bin/busybox", root.join("bin/busybox")).unwrap();
        for tool in ["cat", "ls", "sh", "sleep", "stat", "umount", "id", "true"] {
            symlink("busybox", root.join("bin").join(tool)).unwrap();
        }
        let config = config(folder.path());
        let id = format!("strongroom-mount-{}-{number}", std::process::id());
        Self { folder, id, config }
    }

    /// The root file system, on the host.
    pub(crate) fn root(&self) -> PathBuf {
        self.folder.path().join("rootfs")
    }

    /// A folder of the host that no container has yet.
    pub(crate) fn volume(&self) -> PathBuf {
        let volume = self.folder.path().join("volume");
        fs::create_dir_all(&volume).unwrap();
        volume
    }

    /// Adds a mount.
    pub(crate) fn mount(&mut self, destination: &str, kind: &str, source: &Path, options: &[&str]) {
        let mount = json!({
            "destination": destination, "type": kind, "source": source, "options": options,
        });
        self.config["mounts"].as_array_mut().unwrap().push(mount);
    }

    /// Gives the container a user namespace in which its users are the host's from `first`.
    pub(crate) fn map_users(&mut self, first: u32) {
        let map = json!([{ "containerID": 0, "hostID": first, "size": 65536 }]);
        let linux = &mut self.config["linux"];
        linux["namespaces"]
            .as_array_mut()
            .unwrap()
            .push(json!({ "type": "user" }));
        linux["uidMappings"] = map.clone();
        linux["gidMappings"] = map;
        // The mapped root has to reach the root file system.
        for folder in [self.folder.path(), &self.root()] {
            std::os::unix::fs::chown(folder, Some(first), Some(first)).unwrap();
        }
    }

    /// Lets the runtime create the container up to its hook.
    pub(crate) fn create(self) -> Creating {
        let path = self.folder.path();
        fs::write(path.join("config.json"), self.config.to_string()).unwrap();
        let fifo = Command::new("/bin/busybox")
            .arg("mkfifo")
            .arg(path.join("verdict"))
            .status();
        assert!(fifo.unwrap().success());
        let output = File::create(path.join("output")).unwrap();
        let mut command = runtime(path);
        command.args(["create", "--bundle"]).arg(path).arg(&self.id);
        let mut child = command
            .stdin(Stdio::null())
            .stdout(output.try_clone().unwrap())
            .stderr(output)
            .spawn()
            .unwrap();
        until("the hook", || {
            let ended = child.try_wait().unwrap();
            let output = || fs::read_to_string(path.join("output")).unwrap();
            assert!(ended.is_none(), "no hook was run: {}", output());
            path.join("asked").exists()
        });
        let state = fs::read(path.join("state")).unwrap();
        let state: Value = serde_json::from_slice(&state).unwrap();
        let pid = i32::try_from(state["pid"].as_i64().unwrap()).unwrap();
        let (folder, id) = (self.folder, self.id);
        let container = Container { folder, id, pid };
        Creating {
            container,
            runtime: child,
        }
    }
}

impl Creating {
    /// The first process, as the host counts.
    pub(crate) fn pid(&self) -> i32 {
        self.container.pid
    }

    /// The root file system's path, as the hook is told.
    pub(crate) fn root(&self) -> PathBuf {
        self.container.root()
    }

    /// Lets the hook agree, and starts the container.
    pub(crate) fn start(self) -> Container {
        let (container, code) = self.answer(0);
        assert_eq!(code, 0, "{}", container.output());
        let started = container.runtime(&["start"], &[]);
        assert!(started.status.success(), "{started:?}");
        container
    }

    /// Lets the hook refuse; the runtime must not create the container.
    pub(crate) fn refuse(self) {
        let (container, code) = self.answer(1);
        assert_ne!(code, 0, "{}", container.output());
    }

    fn answer(mut self, verdict: u8) -> (Container, i32) {
        let pipe = self.container.folder.path().join("verdict");
        let mut pipe = OpenOptions::new()
            .read(true)
            .write(true)
            .open(pipe)
            .unwrap();
        pipe.write_all(format!("{verdict}\n").as_bytes()).unwrap();
        let code = self.runtime.wait().unwrap().code().unwrap();
        (self.container, code)
    }
}

impl Container {
    /// The root file system, on the host.
    pub(crate) fn root(&self) -> PathBuf {
        self.folder.path().join("rootfs")
    }

    /// Runs a command in the container.
    pub(crate) fn exec(&self, arguments: &[&str]) -> Output {
        self.runtime(&["exec"], arguments)
    }

    /// Runs a command in the container as another user and group.
    pub(crate) fn exec_as(&self, user: &str, arguments: &[&str]) -> Output {
        self.runtime(&["exec", "--user", user], arguments)
    }

    /// What a command in the container prints.
    pub(crate) fn print(&self, arguments: &[&str]) -> String {
        let output = self.exec(arguments);
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// A file's path through the container's first process.
    pub(crate) fn through_proc(&self, path: &str) -> PathBuf {
        PathBuf::from(format!("/proc/{}/root{path}", self.pid))
    }

    /// Kills the container and waits until its runtime has forgotten it.
    pub(crate) fn delete(&self) {
        let deleted = self.runtime(&["delete", "--force"], &[]);
        assert!(deleted.status.success(), "{deleted:?}");
    }

    fn output(&self) -> String {
        fs::read_to_string(self.folder.path().join("output")).unwrap()
    }

    fn runtime(&self, verb: &[&str], arguments: &[&str]) -> Output {
        let mut command = runtime(self.folder.path());
        command.args(verb).arg(&self.id).args(arguments);
        command.stdin(Stdio::null()).output().unwrap()
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        self.delete();
    }
}

fn runtime(folder: &Path) -> Command {
    let mut command = Command::new(runc().unwrap());
    command.arg("--root").arg(folder.join("runc"));
    command
}

fn config(folder: &Path) -> Value {
    let folder = folder.to_str().unwrap();
    let script =
        r#"cat > "$0/state"; echo > "$0/asked"; read verdict < "$0/verdict"; exit "$verdict""#;
    json!({
        "ociVersion": "1.0.2",
        "process": {
            "terminal": false,
            "user": { "uid": 0, "gid": 0 },
            "capabilities": {
                "bounding": ["CAP_DAC_OVERRIDE"],
                "effective": ["CAP_DAC_OVERRIDE"],
                "permitted": ["CAP_DAC_OVERRIDE"],
            },
            "args": ["/bin/sleep", "1000000"],
            "env": ["PATH=/bin"],
            "cwd": "/",
        },
        "root": { "path": "rootfs", "readonly": false },
        "hooks": { "createRuntime": [{
            "path": "/bin/sh",
            "args": ["sh", "-c", script, folder],
            "env": ["PATH=/usr/bin:/bin"],
        }] },
        "mounts": [
            { "destination": "/proc", "type": "proc", "source": "proc" },
            { "destination": "/dev", "type": "tmpfs", "source": "tmpfs",
              "options": ["nosuid", "mode=755", "size=65536k"] },
        ],
        "linux": {
            "namespaces": [
                { "type": "pid" }, { "type": "mount" }, { "type": "ipc" }, { "type": "uts" },
                { "type": "network" },
            ],
        },
    })
}
