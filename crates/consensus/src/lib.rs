//! openraft, confined: proposals in, applied commands out.
