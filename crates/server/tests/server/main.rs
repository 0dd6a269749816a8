//! A whole manager, from the settings to the store on disk, asked over its socket.

mod dispatch;
mod logs;
mod manager;
mod objects;
mod process;
mod seal;
mod services;
mod socket;
