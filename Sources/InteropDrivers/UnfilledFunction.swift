/// What a table of driver functions has in each place before it is filled, so that functions of a bearable length can
/// fill it. Calling it ends the process.
func notLookedUp<Function>() -> Function {
  let ending: @convention(c) () -> Void = { preconditionFailure("a driver function was called before its look-up") }
  return unsafeBitCast(ending, to: Function.self)
}
