#!/usr/bin/env python3
"""Tries scripts/test.sh with scripts that end in every way, in seconds: nothing is built, no driver is opened.

  test-runner.py [--tree FOLDER] [NAME]...       FOLDER: whose scripts are tried; NAME: only cases whose names have it

Each case has a copy of the scripts in a folder of its own, in which what test.sh starts is a fake. However a run ends: its last
line counts what passed, each stack has a closing line, the status is right, and no process is left.
"""

import concurrent.futures
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

TREE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
# Seconds for a run: it takes one or two, on a machine that does nothing else.
LIMIT = 400

FAKES = {
    "c-interface": ("test-c-interface.sh", 'echo "stack c-interface: tested, 40 checks, 1 s"'),
    "vm": ("test-vm.sh", 'echo "== result"; echo "stack vm (fence): tested, 9 tests, validation messages 0, 1 s"; '
                         'echo "1 passed, 0 failed, 0 skipped"'),
    "apps": ("test-examples.sh", 'echo "== result"; echo "not run here: apps: glfw: no GLFW"; '
                                 'echo "stack apps: tested, 50 programs, validation messages 0, 1 s"'),
    "floors": ("test-floors.py", 'echo "floors: tested, 200 files"'),
    "api": ("test-api.py", 'echo "api: tested, 900 symbols"'),
    "format": ("test-format.sh", 'echo "format: tested, 400 files"'),
    "documents": ("test-documents.py", 'echo "documents: tested, 20 documents, 1 s"'),
    "scripts": ("test-scripts.sh", 'echo "scripts: tested, 20 scripts, 1 s"'),
    "runner": ("test-runner.py", 'echo "runner: tested, 40 cases, 1 s"'),
    "docs": ("docs.sh", 'echo "docs: built, 900 pages, no warnings, in site"'),
    "install": ("install-packages.sh", "true"),
}
STEPS = ("documents", "scripts", "runner", "format", "floors", "api", "docs")
BEFORE_BUILD = 4  # Of them, those that need no build.
PASSING = 'echo "Test run with 12 tests passed"'
SWIFT = """#!/usr/bin/env bash
[ "$1" = build ] && name=build || name=$INTEROP_TEST_STACK
export CASE_ARGUMENTS="$*"
. "$CASE/fake/$name"
"""
STACK = """#!/usr/bin/env bash
export INTEROP_TEST_STACK=$1
shift 2
exec "$@"
"""
DEFAULT = ["llvmpipe", "zink", "angle", "c-interface", "vm", "apps"]


def write(path, text, mode=0o755):
    # Ended scripts of other cases may be started from here: nothing is open for writing while a process is made.
    with open(path, "w") as file:
        file.write(text)
    os.chmod(path, mode)


class Case:
    """A run of test.sh in a folder of its own."""

    def __init__(self, name, stacks=DEFAULT, **fakes):
        self.name, self.stacks, self.faults, self.processes = name, stacks, [], []
        self.folder = tempfile.mkdtemp(prefix="runner.")
        self.scripts = os.path.join(self.folder, "scripts")
        os.makedirs(os.path.join(self.folder, "fake"))
        os.makedirs(os.path.join(self.folder, "bin"))
        os.makedirs(self.scripts)
        for script in ("test.sh", "run-stacks.py", "test-stack.sh", "test-log.sh"):
            if os.path.exists(os.path.join(TREE, "scripts", script)):
                shutil.copy(os.path.join(TREE, "scripts", script), self.scripts)
        for script in ("Makefile", ".ci/run"):
            os.makedirs(os.path.dirname(os.path.join(self.folder, script)), exist_ok=True)
            shutil.copy(os.path.join(TREE, script), os.path.join(self.folder, script))
        write(os.path.join(self.scripts, "stack.sh"), STACK)
        write(os.path.join(self.folder, "bin", "swift"), SWIFT)
        for fake, (script, text) in FAKES.items():
            write(os.path.join(self.scripts, script), f'#!/usr/bin/env bash\n. "$CASE/fake/{fake}"\n')
            self.fake(fake, text)
        for fake in ("llvmpipe", "zink", "angle"):
            self.fake(fake, PASSING)
        self.fake("build", "echo Build complete")
        for fake, text in fakes.items():
            self.fake(fake.replace("_", "-"), text)
        self.environment = {
            name: value for name, value in os.environ.items()
            if name not in ("STACKS", "TIME_LIMIT", "SCRATCH", "LOGS", "INSTALL", "CONFIGURATION", "BUILT", "OUT", "MAKEFLAGS",
                            "MAKELEVEL", "MFLAGS", "VM_MODES", "VM_SUITES", "INTEROP_TEST_DRIVER_ONLY",
                            # This very test runs under the runner, too.
                            "SUPERVISED", "NICENESS", "GRACE", "VM", "ROOM", "KEEP", "FILTER", "FRAMES")
        }
        self.environment.update(
            CASE=self.folder, GRACE="1", PATH=os.path.join(self.folder, "bin") + ":" + os.environ["PATH"],
            STACKS=" ".join(stacks))
        self.logs = os.path.join(self.folder, ".build", "test-logs")

    def fake(self, name, text):
        write(os.path.join(self.folder, "fake", name), text + "\n")

    def expect(self, condition, text):
        if not condition:
            self.faults.append(text)

    def start(self, *arguments, command=("scripts/test.sh",), stdout=subprocess.PIPE, **environment):
        self.process = subprocess.Popen(
            [*command, *arguments], cwd=self.folder, env={**self.environment, **environment}, stdin=subprocess.DEVNULL,
            stdout=stdout, stderr=subprocess.STDOUT if stdout == subprocess.PIPE else subprocess.PIPE, start_new_session=True)
        self.began = time.monotonic()

    def wait_for(self, name):
        """Until a fake has made a file."""
        while not os.path.exists(os.path.join(self.folder, name)):
            if self.process.poll() is not None or time.monotonic() - self.began > LIMIT:
                self.expect(False, f"it did not come to {name}")
                return
            time.sleep(0.02)

    def left(self):
        """Processes of this case that are there."""
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/environ", "rb") as file:
                    if f"CASE={self.folder}\0".encode() not in file.read():
                        continue
                with open(f"/proc/{pid}/cmdline", "rb") as file:
                    found.append((int(pid), file.read().replace(b"\0", b" ").decode(errors="replace").strip()))
            except OSError:
                continue
        return found

    def end(self, seconds=0):
        """Waits for the run's end. `seconds`: for what it may leave for a moment."""
        try:
            output, errors = self.process.communicate(timeout=LIMIT)
        except subprocess.TimeoutExpired:
            self.expect(False, f"it does not end within {LIMIT} s")
            for pid, _ in self.left():
                try:
                    os.kill(pid, signal.SIGKILL)
                except OSError:
                    pass
            output, errors = self.process.communicate()
        until = time.monotonic() + seconds
        while (left := self.left()) and time.monotonic() < until:
            time.sleep(0.05)
        self.expect(not left, f"left behind: {left}")
        for pid, _ in left:
            try:
                os.kill(pid, signal.SIGKILL)
            except OSError:
                pass
        self.status = self.process.returncode
        self.output = (output or b"").decode(errors="replace") + (errors or b"").decode(errors="replace")
        return self

    def closes(self, passed, failed, skipped, *lines, status=None, without=()):
        """The closing lines are there, and these among them."""
        text = [line for line in self.output.splitlines() if not line.startswith("make: ")]
        last = text[-1] if text else ""
        self.expect(last == f"{passed} passed, {failed} failed, {skipped} skipped", f"the last line is '{last}'")
        wanted = status if status is not None else 1 if failed else 0
        self.expect(self.status == wanted, f"status {self.status}, not {wanted}")
        result = self.output.split("\n== result\n")[-1]
        for stack in self.stacks:
            self.expect(re.search(rf"(?m)^(stack )?{stack}( \(.*\))?: ", result), f"no closing line of {stack}")
        for line in lines:
            self.expect(re.search(f"(?m)^{line}", result), f"no closing line '{line}'")
        for line in without:
            self.expect(not re.search(f"(?m){line}", self.output), f"a line '{line}'")

    def run(self, *arguments, **environment):
        self.start(*arguments, **environment)
        return self.end()


CASES = {}
RUNS = []  # Those whose folders are there.


def give_up(*_):
    """Told to end: nothing of a case stays behind."""
    for run in list(RUNS):
        for pid, _ in run.left():
            try:
                os.kill(pid, signal.SIGKILL)
            except OSError:
                pass
    for run in list(RUNS):
        shutil.rmtree(run.folder, ignore_errors=True)
    print("runner: FAILED: interrupted", flush=True)
    os._exit(1)


def case(function):
    CASES[function.__name__] = function
    return function


# --- Runs that end as they should -------------------------------------------------------------------------------------
@case
def everything_passes(new):
    run = new(llvmpipe=PASSING + '; echo "INTEROP-SKIP: no GPU"; echo "INTEROP-SKIP: no GPU"').run()
    run.closes(
        6 + len(STEPS), 0, 0, "stack llvmpipe: tested, 12 tests, validation messages 0, [0-9]+ s$", "not run here: llvmpipe: no GPU$",
        "not run here: apps: glfw", r"stack vm \(fence\): tested", "docs: built", "documents: tested", "scripts: tested",
        "runner: tested", "time: build [0-9]+ s, llvmpipe [0-9]+ s, .*docs [0-9]+ s; [0-9]+ s in all$")
    run.expect(run.output.split("\n== result\n")[-1].count("not run here: llvmpipe") == 1, "a skip is not told once")
    run.expect(run.output.count("Build complete") == 1, "the build is not shown")
    for name in ("llvmpipe", "c-interface", "vm", "apps", "docs"):
        run.expect(os.path.getsize(f"{run.logs}/{name}.log") > 0, f"no log of {name}")


@case
def arguments_are_for_swift_test(new):
    text = 'printf "%s|" "$@" >"$CASE/arguments"; printf "%s" "${INTEROP_TEST_DRIVER_ONLY:-}" >"$CASE/only-$INTEROP_TEST_STACK"; '
    run = new(llvmpipe=text + PASSING, zink=text + PASSING).run("--filter", "A (b|c)$ d")
    run.closes(3, 0, 3, "stack c-interface: skipped: arguments", "stack vm: skipped: arguments", "stack apps: skipped: arguments")
    run.expect(open(f"{run.folder}/arguments").read().endswith("|--filter|A (b|c)$ d|"), "the arguments are others")
    run.expect(open(f"{run.folder}/only-llvmpipe").read() == "", "the first stack leaves tests out")
    run.expect(open(f"{run.folder}/only-zink").read() == "1", "the second stack runs all tests")


@case
def one_stack(new):
    run = new(stacks=["angle"]).run()
    run.closes(1 + len(STEPS), 0, 0, "stack angle: tested, 12", without=["llvmpipe", "stack vm"])


@case
def one_step(new):
    new(stacks=["docs"], build="exit 1").run()
    run = new(stacks=["documents"], build="exit 1").run()
    run.closes(1, 0, 0, "documents: tested", without=["Build complete", "stack"])


@case
def scripts_run_side_by_side(new):
    # vm waits for apps and both for llvmpipe, which waits for them.
    def meet(own, *others):
        waits = "; ".join(f'for i in {{1..600}}; do [ ! -e "$CASE/{other}" ] || break; sleep 0.05; done' for other in others)
        return f'touch "$CASE/{own}"; {waits}; ' + "; ".join(f'[ -e "$CASE/{other}" ] || exit 9' for other in others) + "; "
    run = new(
        stacks=["llvmpipe", "vm", "apps"], llvmpipe=meet("a", "b", "c") + PASSING, vm=meet("b", "a", "c") + FAKES["vm"][1],
        apps=meet("c", "a", "b") + FAKES["apps"][1]).run()
    run.closes(3 + len(STEPS), 0, 0)


@case
def what_runs_beside_is_nice(new):
    look = 'nice >"$CASE/nice-{0}"; cat /proc/self/autogroup >"$CASE/group-{0}" 2>/dev/null || true; '
    run = new(llvmpipe=look.format("front") + PASSING, vm=look.format("beside") + FAKES["vm"][1]).run()

    def read(name):
        with open(f"{run.folder}/{name}", encoding="utf-8") as file:
            return file.read().strip()

    # 19 is the most there is.
    run.expect(int(read("nice-beside")) == min(int(read("nice-front")) + 10, 19), f"nice: {read('nice-front')}, {read('nice-beside')}")
    if read("group-front"):
        run.expect(read("group-front").endswith("nice 0") and read("group-beside").endswith("nice 10"), "the sessions are alike")


@case
def what_is_left_at_the_end_is_not_nice(new):
    # With the driver stacks over, a machine that does other things leaves hardly anything to a nice session.
    look = ('[ -e /proc/self/autogroup ] || touch "$CASE/raised"; '
            'for i in {1..200}; do case $(cat /proc/self/autogroup) in *"nice 0") touch "$CASE/raised"; break ;; esac; sleep 0.05; done; ')
    run = new(stacks=["llvmpipe", "vm"], llvmpipe="sleep 1; " + PASSING, vm=look + FAKES["vm"][1]).run()
    run.expect(os.path.exists(f"{run.folder}/raised"), "the session is still nice when the driver stacks are over")


@case
def driver_stacks_run_one_by_one(new):
    alone = 'mkdir "$CASE/alone" || exit 9; sleep 0.2; rmdir "$CASE/alone"; ' + PASSING
    new(llvmpipe=alone, zink=alone, angle=alone).run().closes(6 + len(STEPS), 0, 0)


@case
def much_output_of_any_kind(new):
    noise = 'head -c 3000000 /dev/urandom; printf "no newline"; '
    run = new(apps=noise + 'printf "\\nstack apps: tested, 1 programs"; sleep 0.1; printf ", 1 s"').run(stdout=subprocess.PIPE)
    run.closes(6 + len(STEPS), 0, 0, "stack apps: tested, 1 programs, 1 s$")


# --- Scripts that fail ------------------------------------------------------------------------------------------------
@case
def tests_fail(new):
    text = 'echo "✘ Test colours() failed after 0.1 seconds"; echo "Test run with 12 tests failed"; exit 1'
    run = new(zink=text).run()
    run.closes(5 + len(STEPS), 1, 0, r"stack zink: FAILED: tests failed: colours\(\); 12 tests, .*, log /.*")


@case
def a_test_crashes(new):
    text = 'echo "◇ Test colours() started."; echo "error: Exited with unexpected signal code 11" | tr E e; exit 1'
    new(angle=text).run().closes(5 + len(STEPS), 1, 0, r"stack angle: FAILED: crashed with signal 11 in colours\(\)")


@case
def no_test_runs(new):
    new(zink="true").run().closes(5 + len(STEPS), 1, 0, "stack zink: FAILED: no test ran")


@case
def the_validation_layer_complains(new):
    text = PASSING + '; echo "VUID [ MessageID = 0x1 ]" >>"$INTEROP_VALIDATION_LOG"'
    new(zink=text).run().closes(5 + len(STEPS), 1, 0, "stack zink: FAILED: the validation layer complains; 12 tests, validation messages 1")


@case
def a_stack_cannot_be_had(new):
    run = new(zink='echo "stack zink: no zink" >&2; exit 77', vm='echo "vm: no QEMU" >&2; exit 77')
    run.run().closes(4 + len(STEPS), 0, 2, "stack zink: skipped: no zink", "stack vm: skipped: vm: no QEMU")


@case
def llvmpipe_cannot_be_had(new):
    run = new(llvmpipe='echo "stack llvmpipe: no lavapipe" >&2; exit 77')
    run.run().closes(5 + len(STEPS), 1, 0, "stack llvmpipe: FAILED: cannot be had: no lavapipe")


@case
def no_such_stack(new):
    new(stacks=["nonsense"]).run().closes(0 + len(STEPS), 1, 0, "stack nonsense: FAILED: ")


@case
def the_build_fails(new):
    run = new(build="echo error: no such module; exit 1").run()
    run.closes(BEFORE_BUILD, 1, 6 + len(STEPS) - BEFORE_BUILD, "build: FAILED: status 1", "stack llvmpipe: skipped: not tested", "docs: skipped")


@case
def the_compiler_warns(new):
    text = 'echo "/tree/Sources/A.swift:1:2: warning: never used"; echo "/tree/.build/checkouts/B.swift:1:2: warning: old"'
    run = new(build=f"{text}; {text}").run()
    run.closes(6 + len(STEPS), 1, 0, r"build: FAILED: the compiler warns, 1 times: /tree/Sources/A.swift", "stack zink: tested")


@case
def packages_are_missing(new):
    run = new(install="echo 'these packages are missing' >&2; exit 1").run(INSTALL="1")
    run.closes(0, 1, 6, "test.sh: FAILED: packages are missing")


@case
def a_time_limit_that_is_none(new):
    run = new(stacks=[]).run(TIME_LIMIT="soon", STACKS="zink")
    run.closes(0, 1, 0)


# --- Scripts that die -------------------------------------------------------------------------------------------------
for signal_name in ("KILL", "TERM", "SEGV", "INT", "PIPE", "HUP"):
    def dies(new, signal_name=signal_name):
        run = new(**{"c_interface": f"echo half; kill -{signal_name} $$; sleep 5", "vm": f"kill -{signal_name} $$; sleep 5"}).run()
        run.closes(
            4 + len(STEPS), 2, 0, f"stack c-interface: FAILED: .*(SIG{signal_name}|status).*half.*, log /.*", "stack vm: FAILED: ",
            "stack zink: tested")
    CASES[f"a_script_dies_by_{signal_name}"] = dies


@case
def a_script_says_nothing(new):
    names = ("stack c-interface", "stack vm", "stack apps", "docs", "documents")
    run = new(c_interface="true", vm="true", apps="true", docs="true", documents="true").run()
    run.closes(1 + len(STEPS), 5, 0, *(f"{name}: FAILED: its script ended without a result" for name in names))
    run = new(c_interface="exit 3", vm="exit 3", apps="exit 3", docs="exit 3", documents="exit 3").run()
    run.closes(1 + len(STEPS), 5, 0, *(f"{name}: FAILED: its script ended with status 3" for name in names))


@case
def a_script_ends_in_the_middle(new):
    # Two of three modes, then an end.
    text = 'echo "== result"; echo "stack vm (fence): tested, 9 tests, 1 s"; echo "stack vm (bare): skipped: none"; exit 4'
    new(vm=text).run().closes(6 + len(STEPS), 1, 1, r"stack vm \(fence\): tested", "stack vm: FAILED: its script ended with status 4")


@case
def a_script_contradicts_itself(new):
    run = new(apps=FAKES["apps"][1] + "; exit 1", c_interface='echo "stack c-interface: FAILED: one; 3 checks"; exit 0').run()
    run.closes(5 + len(STEPS), 2, 0, "stack apps: tested", "stack apps: FAILED: its script ended with status 1", "stack c-interface: FAILED: one")


@case
def a_script_is_missing(new):
    run = new()
    os.unlink(f"{run.scripts}/test-c-interface.sh")
    os.chmod(f"{run.scripts}/test-vm.sh", 0o644)
    run.run().closes(4 + len(STEPS), 2, 0, "stack c-interface: FAILED: ", "stack vm: FAILED: ")


@case
def a_script_leaves_processes_behind(new):
    stray = "setsid sleep 300 & (setsid bash -c 'trap \"\" TERM HUP; sleep 300; sleep 300' &) ; "
    run = new(**{"c_interface": stray + FAKES["c-interface"][1], "zink": stray + PASSING, "vm": stray + "exit 1"}).run()
    run.closes(5 + len(STEPS), 1, 0, "stack c-interface: tested", "stack zink: tested")


@case
def a_script_hangs(new):
    run = new(
        zink='echo "◇ Test sizes(of:) started."; echo "◇ Test case passing 1 argument of → 3 to sizes(of:) started."; '
             'echo "✔ Test sizes(of:) with 1 test case passed after 0.1 seconds."; echo "◇ Test colours(x:) started."; '
             'echo "◇ Test case passing 1 argument x → 1 to colours(x:) started."; '
             'echo "◇ Test case passing 1 argument x → 2 to colours(x:) started."; sleep 300', apps="trap '' TERM; sleep 300; sleep 300",
        stacks=["zink", "apps", "docs"]).run(TIME_LIMIT="10")
    run.closes(
        1, 2, 0, r"stack zink: FAILED: hung: stopped after 10 s in colours\(x:\) \(1 argument x → 2\)[,;]", "stack apps: FAILED: hung: stopped after 10 s")


@case
def the_build_hangs(new):
    run = new(build='touch "$CASE/here"; sleep 300')
    run.start()
    run.wait_for("here")
    run.process.send_signal(signal.SIGINT)
    run.end()
    # Steps that need no build may have ended, or not: only what is certain is looked at.
    run.expect(run.status == 130, f"status {run.status}")
    last = run.output.splitlines()[-1] if run.output else ""
    run.expect(re.fullmatch(r"\d+ passed, [1-4] failed, \d+ skipped", last), f"the last line is '{last}'")
    run.expect("build: FAILED: interrupted by SIGINT after" in run.output, "the build has no closing line")
    for stack in run.stacks:
        run.expect(f"\nstack {stack}: skipped: not tested: interrupted" in run.output, f"no closing line of {stack}")


@case
def a_supervisor_is_killed(new):
    run = new(vm='sleep 300 & kill -KILL $PPID; sleep 300').run()
    run.closes(5 + len(STEPS), 1, 0, "stack vm: FAILED: ")


# --- Logs and disks ---------------------------------------------------------------------------------------------------
@case
def a_log_disappears(new):
    run = new(c_interface='rm -rf "$CASE/.build/test-logs"; mkdir "$CASE/.build/test-logs"; ' + FAKES["c-interface"][1])
    run.run().closes(6 + len(STEPS), 0, 0, "stack c-interface: tested")


@case
def the_log_of_a_stack_cannot_be_written(new):
    names = ("c-interface", "llvmpipe", "docs")
    for other in ("folder", "full"):
        run = new()
        os.makedirs(run.logs)
        for name in names:
            log = f"{run.logs}/{name}.log"
            os.mkdir(log) if other == "folder" else os.symlink("/dev/full", log)
        run.run().closes(6 + len(STEPS), 3, 0, *(f"(stack )?{name}: (tested|built)" for name in names),
                         *(f"(stack )?{name}: FAILED: its log cannot be written: " for name in names))


@case
def the_logs_have_no_folder(new):
    run = new()
    os.mkdir(f"{run.folder}/.build")
    write(run.logs, "a file", 0o644)
    run.run()
    last = run.output.splitlines()[-1]
    run.expect(re.fullmatch(r"\d+ passed, [1-9]\d* failed, 0 skipped", last), f"the last line is '{last}'")
    run.expect(run.status == 1, f"status {run.status}")


@case
def files_have_a_limit(new):
    # Half a kilobyte: as a disk that is full in the middle.
    noisy = "for i in {1..100}; do echo a line of output; done; "
    run = new(c_interface=noisy + FAKES["c-interface"][1], llvmpipe=noisy + PASSING)
    run.start(command=("bash", "-c", "ulimit -f 1; exec scripts/test.sh"))
    run.end()
    run.closes(5 + len(STEPS), 2, 0, "stack c-interface: FAILED: its log cannot be written: File too large", "stack llvmpipe: FAILED: ") \
        if "c-interface: tested" not in run.output else run.closes(5 + len(STEPS), 3, 0, "stack llvmpipe: FAILED: .*")


@case
def the_disk_is_full(new):
    run = new(c_interface="head -c 100000 /dev/zero | tr '\\0' x; echo; " + FAKES["c-interface"][1])
    os.mkdir(f"{run.folder}/.build")
    mount = 'mount -t tmpfs -o size=64k none .build && mkdir -p .build/test-logs && exec scripts/test.sh'
    if subprocess.run(["unshare", "--mount", "true"], capture_output=True).returncode != 0:
        return "a full disk: nobody may make mounts here"
    run.start(command=("unshare", "--mount", "bash", "-c", mount))
    run.end()
    last = run.output.splitlines()[-1] if run.output else ""
    run.expect(re.fullmatch(r"\d+ passed, [1-9]\d* failed, 0 skipped", last), f"the last line is '{last}'")
    run.expect("stack c-interface: FAILED: its log cannot be written: No space left on device" in run.output, "no word of the log")
    run.expect(run.status == 1, f"status {run.status}")


@case
def the_output_is_full(new):
    with open("/dev/full", "wb") as full:
        run = new()
        run.start(stdout=full)
        run.end()
    run.expect(run.status not in (0, None), f"status {run.status}")


@case
def nobody_reads_the_output(new):
    run = new(zink='touch "$CASE/here"; while :; do echo more; sleep 0.05; done')
    run.start(command=("bash", "-c", "set -o pipefail; scripts/test.sh | head -n 1"))
    run.end(seconds=5)
    run.expect(run.status not in (0, None), f"status {run.status}")


# --- The runner is told to end ----------------------------------------------------------------------------------------
def interrupted(run, number, status, seconds=0):
    run.wait_for("here")
    run.wait_for("there")
    run.process.send_signal(number)
    run.end(seconds)
    last = run.output.splitlines()[-1] if run.output else ""
    if run.process.args[0] in ("make", ".ci/run"):
        lines = [line for line in run.output.splitlines() if not re.match("make: |Terminated", line)]
        last = lines[-1] if lines else ""
    name = signal.Signals(number).name
    run.expect(re.fullmatch(r"\d passed, [2-4] failed, \d skipped", last), f"the last line is '{last}'")
    run.expect(run.status in status, f"status {run.status}")
    for line in ("stack llvmpipe: tested", f"stack zink: FAILED: interrupted by {name} after", f"stack vm: FAILED: interrupted by {name}",
                 f"stack angle: skipped: not tested: interrupted by {name}"):
        run.expect(f"\n{line}" in run.output, f"no closing line '{line}'")


WAITING = {"zink": 'touch "$CASE/here"; sleep 300', "vm": 'touch "$CASE/there"; trap "" TERM; sleep 300; sleep 300'}

for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    def told_to_end(new, number=number):
        run = new(**WAITING)
        run.start()
        interrupted(run, number, [128 + number])
    CASES[f"the_runner_gets_{number.name}"] = told_to_end


@case
def make_gets_SIGTERM(new):
    run = new(**WAITING)
    run.start("test", command=("make",))
    interrupted(run, signal.SIGTERM, [2, -signal.SIGTERM, 143])


@case
def continuous_integration_gets_SIGTERM(new):
    run = new(**WAITING)
    run.start(command=(".ci/run",))
    interrupted(run, signal.SIGTERM, [2, -signal.SIGTERM, 143])


@case
def the_terminal_gets_control_c(new):
    run = new(**WAITING)
    run.start("test", command=("make",))
    run.wait_for("here")
    run.wait_for("there")
    os.killpg(run.process.pid, signal.SIGINT)
    run.end()
    lines = [line for line in run.output.splitlines() if not line.startswith("make: ")]
    run.expect(lines and re.fullmatch(r"\d passed, [2-4] failed, \d skipped", lines[-1]), f"the last lines are {lines[-3:]}")
    run.expect(run.status not in (0, None), f"status {run.status}")


@case
def the_runner_is_killed(new):
    run = new(**WAITING)
    run.start()
    run.wait_for("here")
    run.wait_for("there")
    run.process.kill()
    run.end(seconds=10)


# --- Missing tools ----------------------------------------------------------------------------------------------------
def without_tool(new, *tools):
    """A run in which these are not to be found."""
    run = new()
    folder = f"{run.folder}/tools"
    os.mkdir(folder)
    for path in reversed(os.environ["PATH"].split(":")):
        for name in os.listdir(path) if os.path.isdir(path) else ():
            if name not in tools and not os.path.isdir(os.path.join(path, name)):
                if os.path.lexists(os.path.join(folder, name)):
                    os.unlink(os.path.join(folder, name))
                os.symlink(os.path.join(path, name), os.path.join(folder, name))
    if "python3" not in tools:
        os.path.lexists(f"{folder}/python3") and os.unlink(f"{folder}/python3")
        os.symlink(sys.executable, f"{folder}/python3")
    return run.run(PATH=f"{run.folder}/bin:{folder}")


@case
def tools_that_nothing_needs_are_missing(new):
    without_tool(new, "setsid", "timeout", "pkill", "nice", "mktemp", "dirname_", "ps").closes(6 + len(STEPS), 0, 0)


for tool in ("tail", "tee", "stdbuf", "sed", "awk", "grep", "dirname"):
    def lacks(new, tool=tool):
        run = without_tool(new, tool)
        if tool == "tail":
            run.closes(6 + len(STEPS), 0, 0)
            return
        run.closes(3 + len(STEPS), 3, 0, "stack llvmpipe: FAILED: ", "stack c-interface: tested")
        run.expect(re.search(rf"{tool}.*(not found|No such file)", run.output), "the tool is not named")
    CASES[f"{tool}_is_missing"] = lacks


@case
def python_is_missing(new):
    without_tool(new, "python3").closes(0, 1, 6, "test.sh: FAILED: no python3")


@case
def swift_is_missing(new):
    run = new()
    os.unlink(f"{run.folder}/bin/swift")
    without_tool(lambda: run, "swift").closes(BEFORE_BUILD, 1, 6 + len(STEPS) - BEFORE_BUILD, "build: FAILED: ")


# --- The scripts of vm, apps and c-interface, alone -------------------------------------------------------------------
VM = """case $1 in
  build) mkdir -p "$CASE/image"; echo "libc6 99.1-1" >"$CASE/image/versions"; : >"$CASE/image/libraries"; echo "$CASE/image" ;;
  run) . "$CASE/fake/guest" ;;
esac"""
SWIFT_ALONE = """#!/usr/bin/env bash
case "$*" in
  --version) echo "Swift version 6.3.1" ;;
  *--show-bin-path*) mkdir -p "$CASE/built"; : >"$CASE/built/XPackageTests.xctest"; chmod 755 "$CASE/built/XPackageTests.xctest"; echo "$CASE/built" ;;
esac
"""


def alone(new, script, stack, **fakes):
    run = new(stacks=[stack], **fakes)
    shutil.copy(os.path.join(TREE, "scripts", script), run.scripts)
    write(f"{run.folder}/bin/swift", SWIFT_ALONE)
    write(f"{run.scripts}/vm.sh", f"#!/usr/bin/env bash\n{VM}\n")
    for name in ("app-root", "install"):
        write(f"{run.scripts}/{name}.sh", f'#!/usr/bin/env bash\n. "$CASE/fake/{name}"\n')
    for folder in ("Examples", "Tests/AppContexts", "Tests/CInterface", "Sources/CInterface/include"):
        os.makedirs(f"{run.folder}/{folder}")
    run.environment.update(VM_MODES="fence bare", NO_GLFW="", FILTER="^glx", TMPDIR=run.folder)
    return run


@case
def vm_alone(new):
    run = alone(new, "test-vm.sh", "vm", guest='echo "Test run with 7 tests passed"; echo "INTEROP-SKIP: none"')
    run.start(command=("scripts/test-vm.sh",))
    run.end().closes(
        2, 0, 0, r"stack vm \(fence\): tested, 7 tests", r"stack vm \(bare\): tested", r"not run here: vm \(bare\): none")
    run.expect(not [name for name in os.listdir(f"{run.folder}/.build") if "share" in name], "its folder is left")


@case
def vm_alone_fails(new):
    run = alone(new, "test-vm.sh", "vm", guest='echo "◇ Test colours() started."; [ "$4" != fence ] && exit 123; sleep 300')
    run.start(command=("scripts/test-vm.sh",), VM_MODES="bare syncobj")
    run.end().closes(0, 2, 0, r"stack vm \(bare\): FAILED: the guest went down in colours\(\)")


for number in (signal.SIGINT, signal.SIGTERM):
    def vm_is_told_to_end(new, number=number):
        run = alone(new, "test-vm.sh", "vm", guest='echo in the guest; touch "$CASE/here"; setsid sleep 300; sleep 300')
        run.start(command=("scripts/test-vm.sh",))
        run.wait_for("here")
        run.process.send_signal(number)
        run.end().closes(0, 1, 0, "stack vm: FAILED: interrupted", status=run.status if run.status in (1, 130, 143) else 1)
        run.expect(not [name for name in os.listdir(f"{run.folder}/.build") if "share" in name], "its folder is left")
    CASES[f"vm_alone_gets_{number.name}"] = vm_is_told_to_end


@case
def vm_alone_without_tools(new):
    run = alone(new, "test-vm.sh", "vm", guest="true")
    os.unlink(f"{run.scripts}/vm.sh")
    run.start(command=("scripts/test-vm.sh",))
    run.end().closes(0, 1, 0, "stack vm: FAILED: the guest cannot be made")


ROOT = 'case $1 in run) [ "${*: -1}" != "$FILTER" ] || . "$CASE/fake/programs"; mkdir -p "$3/build/logs" ;; esac'


@case
def apps_alone(new):
    run = alone(
        new, "test-examples.sh", "apps", app_root=ROOT, install='mkdir -p "$DESTDIR/mnt/prefix"',
        programs='echo "ok glx-core, 100 frames"; echo "skipped glfw, none"')
    run.start(command=("scripts/test-examples.sh",))
    run.end().closes(1, 0, 0, "stack apps: tested, 1 programs", "not run here: apps: glfw: none")
    run.expect(not [name for name in os.listdir(f"{run.folder}/.build") if "share" in name], "its folder is left")


@case
def apps_alone_gets_SIGINT(new):
    run = alone(
        new, "test-examples.sh", "apps", app_root=ROOT, install='mkdir -p "$DESTDIR/mnt/prefix"',
        programs='touch "$CASE/here"; setsid sleep 300; sleep 300')
    run.start(command=("scripts/test-examples.sh",))
    run.wait_for("here")
    run.process.send_signal(signal.SIGINT)
    run.end().closes(0, 1, 0, "stack apps: FAILED: interrupted", status=run.status if run.status in (1, 130, 143) else 1)
    run.expect(not [name for name in os.listdir(f"{run.folder}/.build") if "share" in name], "its folder is left")


@case
def apps_alone_cannot_write_its_log(new):
    run = alone(new, "test-examples.sh", "apps", app_root=ROOT, install="true", programs="true")
    os.makedirs(f"{run.logs}/apps-programs.log")
    run.start(command=("scripts/test-examples.sh",))
    run.end().closes(0, 1, 0, "stack apps: FAILED: it ended with status 1 before its result")


@case
def c_interface_alone(new):
    for number in (None, signal.SIGINT, signal.SIGTERM):
        before = set(os.listdir("/var/tmp"))
        run = alone(
            new, "test-c-interface.sh", "c-interface",
            install='exit 1' if number is None else 'touch "$CASE/here"; setsid sleep 300; sleep 300')
        run.start(command=("scripts/test-c-interface.sh",))
        if number:
            run.wait_for("here")
            run.process.send_signal(number)
        run.end()
        last = run.output.splitlines()[-1] if run.output else ""
        wanted = "the build failed" if number is None else "interrupted"
        run.expect(last.startswith(f"stack c-interface: FAILED: {wanted}; 0 checks"), f"the last line is '{last}'")
        run.expect(run.status not in (0, None), f"status {run.status}")
        mine = [name for name in set(os.listdir("/var/tmp")) - before if name.startswith("c-interface.")]
        run.expect(not mine, f"left in /var/tmp: {mine}")


@case
def an_application_root_ends_with_its_caller(new):
    run = new(stacks=[])
    if os.getuid() != 0 or subprocess.run(["unshare", "--mount", "--pid", "--fork", "true"], capture_output=True).returncode != 0:
        return "a root of its own: nobody may make mounts here"
    text = open(os.path.join(TREE, "scripts", "app-root.sh")).read()
    # With this machine's own root, and no more than its beginning.
    text = text[:text.index("# --- The root ---")] + 'private=(--propagation private)\n' + text[text.index("# --- Run ---"):]
    start = text.index("inside() {")
    text = text[:start] + 'inside() { exec "$@"; }\n' + text[text.index("export -f inside"):].replace("export root share", "export share")
    write(f"{run.scripts}/app-root.sh", text)
    for number in (signal.SIGINT, signal.SIGTERM):
        run.start("run", "--", "bash", "-c", 'touch "$CASE/here"; setsid sleep 300 & sleep 300', command=("scripts/app-root.sh",))
        run.wait_for("here")
        os.unlink(f"{run.folder}/here")
        run.process.send_signal(number)
        run.end(seconds=2)
        run.expect(run.status == 128 + number, f"status {run.status}")


# --- All of them ------------------------------------------------------------------------------------------------------
def try_case(name):
    runs = []

    def new(*arguments, **fakes):
        runs.append(Case(name, *arguments, **fakes))
        RUNS.append(runs[-1])
        return runs[-1]

    skip = fault = None
    try:
        skip = CASES[name](new)
    except Exception as error:  # A case that fails is told, with the others.
        fault = f"{type(error).__name__}: {error}"
    faults = [text for run in runs for text in run.faults] + ([fault] if fault else [])
    output = "\n".join(getattr(run, "output", "") for run in runs if run.faults)
    for run in runs:
        shutil.rmtree(run.folder, ignore_errors=True)
        RUNS.remove(run)
    return name, faults, output, skip


def main():
    global TREE
    arguments = sys.argv[1:]
    if arguments[:1] == ["--tree"]:
        TREE, arguments = os.path.abspath(arguments[1]), arguments[2:]
    began = time.monotonic()
    arguments = [argument.replace(" ", "_") for argument in arguments]
    names = [name for name in CASES if not arguments or any(argument in name for argument in arguments)]
    if not names:
        print(f"runner: FAILED: no case is named {' or '.join(arguments)}")
        sys.exit(1)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, give_up)
    failed, skips = [], []
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        for name, faults, output, skip in pool.map(try_case, names):
            print(f"{'FAILED ' if faults else 'ok     '} {name.replace('_', ' ')}", *faults, sep="\n        ", flush=True)
            if faults:
                failed.append(name.replace("_", " "))
                if not os.environ.get("QUIET"):
                    print("".join(f"        | {line[:300]}\n" for line in output.splitlines()[-40:]))
            if skip:
                skips.append(skip)
    print("\n== result")
    for skip in skips:
        print(f"not run here: runner: {skip}")
    facts = f"{len(names)} cases, {time.monotonic() - began:.0f} s"
    print(f"runner: FAILED: {'; '.join(failed)}; {facts}" if failed else f"runner: tested, {facts}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
