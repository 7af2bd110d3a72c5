import Testing

/// The programs as their users run them: the built executables, one at a time (each of them keeps the CPU busy).
@Suite(.serialized) struct ProgramTests {}
