import Capability
import Glibc

exit(ProbeWorker.run())
