//! Secret bytes that wipe themselves and cannot be printed, and the allocator and stack that wipe behind everything else.
