//! Everything on one machine: a manager and its agent on one folder.

use crate::{Agent, Cli, Container, ContainerOptions, Folder, Manager, ManagerOptions, Outcome};

/// A manager and, where the test needs containers, an agent.
#[derive(Debug)]
pub struct Vault {
    // Dropped in this order: containers are gone by then, the agent goes before its manager.
    agent: Option<Agent>,
    manager: Manager,
    folder: Folder,
}

impl Vault {
    /// A manager alone.
    #[must_use]
    pub fn manager() -> Self {
        Self::with(ManagerOptions::default())
    }

    /// A manager alone, started with options.
    #[must_use]
    pub fn with(options: ManagerOptions) -> Self {
        let folder = Folder::new();
        let manager = Manager::start(folder.path(), options);
        Self {
            agent: None,
            manager,
            folder,
        }
    }

    /// A manager and an agent.
    #[must_use]
    pub fn node() -> Self {
        Self::node_with(ManagerOptions::default())
    }

    /// A manager, started with options, and an agent.
    #[must_use]
    pub fn node_with(options: ManagerOptions) -> Self {
        let mut vault = Self::with(options);
        vault.agent = Some(Agent::start(vault.folder.path()));
        vault
    }

    /// The command line.
    #[must_use]
    pub fn cli(&self) -> Cli {
        self.manager.cli()
    }

    /// The manager.
    pub fn manager_mut(&mut self) -> &mut Manager {
        &mut self.manager
    }

    /// The folder that holds all files and sockets.
    #[must_use]
    pub fn folder(&self) -> &Folder {
        &self.folder
    }

    /// The agent.
    ///
    /// # Panics
    /// Where there is none.
    pub fn agent(&mut self) -> &mut Agent {
        self.agent.as_mut().unwrap()
    }

    /// Starts a container whose hook asks this vault's agent.
    ///
    /// # Errors
    /// What the runtime said where it refused to start the container.
    pub fn container(&self, options: ContainerOptions) -> Result<Container, Outcome> {
        let socket = self.agent.as_ref().unwrap().socket().to_path_buf();
        Container::start(self.folder.path(), &socket, options)
    }
}
