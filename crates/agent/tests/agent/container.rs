//! Real containers of runc whose hook is the program under test.

use crate::program::{PROGRAM, folder};
use serde_json::json;
use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

/// Whether the machine has what an agent and containers need; where not, says so loudly, and fails where nothing may
/// be skipped.
pub(crate) fn is_able() -> bool {
    let missing = [
        ("root", fs::read_dir("/proc/1/fd").is_ok()),
        ("/dev/fuse", Path::new("/dev/fuse").exists()),
        (
            "runc",
            Command::new("runc").arg("--version").output().is_ok(),
        ),
        ("busybox-static", Path::new("/bin/busybox").exists()),
    ];
    let Some((missing, _)) = missing.into_iter().find(|(_, there)| !there) else {
        return true;
    };
    let required = std::env::var("STRONGROOM_REQUIRE_ALL").is_ok_and(|value| value == "1");
    assert!(
        !required,
        "this test needs {missing}, and STRONGROOM_REQUIRE_ALL=1 forbids to skip it"
    );
    eprintln!(
        "SKIPPED: this test needs {missing}; run scripts/install-deps, and the tests as root"
    );
    false
}

/// A running container; killed and deleted when dropped.
pub(crate) struct Container {
    folder: tempfile::TempDir,
    id: String,
}

impl Container {
    /// Starts a container of the service with that agent.
    ///
    /// # Errors
    /// What the runtime and the hook said.
    pub(crate) fn start(service: &str, agent: &str) -> Result<Self, String> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = folder();
        let path = folder.path();
        for directory in ["bin", "dev", "proc", "run"] {
            fs::create_dir_all(path.join("rootfs").join(directory)).unwrap();
        }
        fs::copy("/bin/busybox", path.join("rootfs/bin/busybox")).unwrap();
        symlink("busybox", path.join("rootfs/bin/cat")).unwrap();
        fs::write(path.join("config.json"), config(service, agent).to_string()).unwrap();
        let id = format!("strongroom-agent-{}-{number}", std::process::id());
        let container = Self { folder, id };
        let output = File::create(container.folder.path().join("output")).unwrap();
        let mut command = container.runtime("run");
        let status = command
            .args(["--detach", "--bundle"])
            .arg(container.folder.path())
            .arg(&container.id)
            .stdout(output.try_clone().unwrap())
            .stderr(output)
            .status();
        if status.unwrap().success() {
            return Ok(container);
        }
        Err(fs::read_to_string(container.folder.path().join("output")).unwrap())
    }

    /// Its id.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// Reads a file in the container.
    pub(crate) fn read(&self, path: &str) -> Output {
        self.runtime("exec")
            .arg(&self.id)
            .args(["/bin/cat", path])
            .output()
            .unwrap()
    }

    /// The bytes of a file in the container.
    pub(crate) fn text(&self, path: &str) -> String {
        let output = self.read(path);
        assert!(output.status.success(), "{path}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Starts a process that reads a file in the container.
    pub(crate) fn start_reading(&self, path: &str) -> Child {
        let mut command = self.runtime("exec");
        command.arg(&self.id).args(["/bin/cat", path]);
        command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    }

    /// How many readers of [`Self::start_reading`] sleep, which they do for an answer only.
    pub(crate) fn waiting(&self) -> usize {
        let state: serde_json::Value = serde_json::from_slice(&self.state()).unwrap();
        let own = fs::read_to_string(format!("/proc/{}/cgroup", state["pid"])).unwrap();
        let waits = |process: &Path| {
            let read = |file| fs::read_to_string(process.join(file)).unwrap_or_default();
            read("cgroup") == own && read("stat").contains("(cat) S ")
        };
        let processes = fs::read_dir("/proc").unwrap();
        processes
            .filter(|process| waits(&process.as_ref().unwrap().path()))
            .count()
    }

    /// What the runtime would give to a hook now.
    pub(crate) fn state(&self) -> Vec<u8> {
        self.runtime("state").arg(&self.id).output().unwrap().stdout
    }

    /// Kills it.
    pub(crate) fn delete(&self) {
        self.runtime("delete")
            .arg("--force")
            .arg(&self.id)
            .output()
            .unwrap();
    }

    fn runtime(&self, verb: &str) -> Command {
        let mut command = Command::new("runc");
        command
            .arg("--root")
            .arg(self.folder.path().join("runc"))
            .arg(verb);
        command.stdin(Stdio::null());
        command
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        self.delete();
    }
}

fn config(service: &str, agent: &str) -> serde_json::Value {
    json!({
        "ociVersion": "1.0.2",
        "process": {
            "terminal": false, "user": { "uid": 0, "gid": 0 }, "cwd": "/",
            "args": ["/bin/busybox", "sleep", "1000000"],
            "env": ["PATH=/bin"],
        },
        "root": { "path": "rootfs" },
        "annotations": { "io.strongroom.service": service },
        "hooks": { "createRuntime": [
            { "path": PROGRAM, "args": ["strongroom-agent", "hook", "--agent", agent] },
        ] },
        "mounts": [{ "destination": "/proc", "type": "proc", "source": "proc" }],
        "linux": { "namespaces": [
            { "type": "pid" }, { "type": "mount" }, { "type": "ipc" }, { "type": "network" },
        ] },
    })
}
