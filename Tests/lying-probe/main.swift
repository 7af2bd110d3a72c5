import CLyingDriver
import Capability
import InteropDrivers
import Glibc

// The helper of the probe with a driver that tells the lie LYING_DRIVER names.

let lie = getenv("LYING_DRIVER").map { String(cString: $0) } ?? "nothing"
// Without a greeting: the probe says so, and no test takes an unknown lie for one that was not noticed.
guard lying_driver_choose(lie) else {
  print("there is no lie \(lie)")
  exit(64)
}
exit(ProbeWorker.run(seam: DriverInterposer { name, real in lying_driver_replace(name, real) }))
