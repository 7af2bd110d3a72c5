#!/usr/bin/env python3
"""Runs what scripts/test.sh tests: a script for each stack and step, all in the same way. See docs/testing.md.

  run-stacks.py [ARGUMENT of swift test]...       STACKS, TIME_LIMIT, SCRATCH, CONFIGURATION: see test.sh

A script says how it went in closing lines, behind a line "== result" if it prints more than these:

  not run here: NAME: …
  stack NAME: tested, …      or built, …, or skipped: …, or FAILED: …; a part of it is `stack NAME (PART): …`

Steps leave out the word "stack". A script that ends in another way is a failure too, whatever it printed. Its output comes through
a pipe: what is shown and judged here does not depend on the log, a file, into which the output is written as well. Each script
runs under a supervisor of its own, which ends every process that the script started, also those that left its session, when the
script ends, when the runner is told to end, and when the runner is killed.
"""

import signal
import sys

# Before anything else: a signal that comes while this starts must not end it without its closing lines.
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
RECEIVED = []
if sys.argv[1:2] != ["--supervise"]:
    for each in ENDING:
        signal.signal(each, lambda number, _: RECEIVED.append(number))

import collections
import contextlib
import ctypes
import os
import re
import selectors
import subprocess
import time
import traceback

GRACE = int(os.environ.get("GRACE") or 10)  # Seconds between SIGTERM and SIGKILL: scripts remove their temporary folders.
NICENESS = 10  # Of what runs beside: a tenth of what the front gets where both want the same core.
LIMIT = 3600  # Seconds: a stack takes minutes, and on a machine that does other things three times as long.
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
WARNING = re.compile(r"\S+\.\w+:\d+:\d+: warning: ")


def prctl(option, value):
    ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)


def lower_priority(niceness):
    """Of this process, which begins a session. Linux gives each session an equal share (sched_autogroup), so that a session has
    to be nice, too: a process in it is so to its own session only."""
    if not niceness:
        return
    os.nice(niceness)
    try:
        with open("/proc/self/autogroup", "w", encoding="ascii") as file:
            file.write(str(niceness))
    except OSError:
        pass  # A kernel without it.


# --- Processes --------------------------------------------------------------------------------------------------------
def descendants(root, without=()):
    """Processes that `root` started, and those that these did, but those that have ended, and `without` with what these started."""
    children, ended = collections.defaultdict(list), set()
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat", "rb") as file:
                state, parent = file.read().rpartition(b")")[2].split()[:2]
        except OSError:
            continue
        children[int(parent)].append(int(name))
        if state in (b"Z", b"X"):
            ended.add(int(name))
    found, left = [], [root]
    while left:
        below = [pid for pid in children[left.pop()] if pid not in without]
        found += below
        left += below
    return [pid for pid in found if pid not in ended]


def send(pids, number):
    for pid in pids:
        try:
            os.kill(pid, number)
        except OSError:
            pass


def reap():
    """The statuses of children that have ended."""
    ended = {}
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return ended
        if pid == 0:
            return ended
        ended[pid] = status


def end_descendants(grace, script=None):
    """Ends all that this process has started. Only a subreaper finds those whose parent has ended.

    First by SIGTERM. After `grace` seconds what is left is killed; the script last, which may wait for one of these with its
    temporary folder to remove and its result to print.
    """
    ended, told = {}, set()
    began = time.monotonic()
    while True:
        ended.update(reap())
        left = descendants(os.getpid())
        passed = time.monotonic() - began
        if not left or passed > grace + 8:
            return ended
        if passed < grace:
            # Once each, or a shell would run its trap twice.
            send([pid for pid in left if pid not in told], signal.SIGTERM)
            told.update(left)
        else:
            send([pid for pid in left if pid != script or passed > grace + 3], signal.SIGKILL)
        time.sleep(0.02)


def supervise(runner, command):
    """Runs a command and ends with its status, after all that it started has ended. `runner`: a process to end with, or 0."""
    if runner:
        prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    awaited = {signal.SIGCHLD, *ENDING}
    signal.pthread_sigmask(signal.SIG_BLOCK, awaited)
    if runner and os.getppid() != runner:
        return 1

    def unblock():
        lower_priority(int(os.environ.get("NICENESS") or 0))
        for number in ENDING:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, [])

    try:
        child = subprocess.Popen(command, start_new_session=True, preexec_fn=unblock, env={**os.environ, "SUPERVISED": "1"})
    except OSError as error:
        print(f"{command[0]} cannot be started: {error.strerror}", file=sys.stderr)
        return 127
    # Nobody here writes any more; the pipe belongs to the command and what it started.
    ended, number = {}, None
    while child.pid not in ended:
        number = signal.sigwait(awaited)
        if number != signal.SIGCHLD:
            break
        ended.update(reap())
    ended.update(end_descendants(1, None) if child.pid in ended else end_descendants(GRACE, child.pid))
    status = ended.get(child.pid)
    if status is None:
        return 128 + (signal.SIGTERM if number == signal.SIGCHLD else number)
    return os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status)


# --- What runs --------------------------------------------------------------------------------------------------------
class Job:
    """A script: how it is run, what came of it.

    lane   front: one at a time, with the machine to itself as far as that goes; tests there take times and count
           beside: two at a time, at a lower priority
           either: beside when nothing else waits for that, or in front when nothing waits for that
    """

    def __init__(self, name, command, lane, *, word="", limit, needs=None, environment=None):
        self.name, self.command, self.lane, self.word = name, command, lane, word
        self.limit, self.needs, self.environment = limit, needs, environment or {}
        self.process = self.log = self.log_name = self.log_error = None
        self.is_beside = False
        self.started = self.seconds = None
        self.stopped = None  # Why the runner ended it.
        self.unshown, self.partial = bytearray(), b""
        self.results, self.not_run, self.last_line = [], [], ""
        self.warnings = []  # Of the compiler, about files of ours.
        self.outcome = None  # The closing lines, once it has ended or will not run.
        self.is_built = False  # Of the build: what needs it can run.
        name = re.escape(name)
        part = r"(?: \([^()]*\))?"
        self.result_line = re.compile(rf"{word}{name}{part}: (?:(?:tested|built), |skipped: |FAILED: ).*")
        self.not_run_line = re.compile(rf"not run here: {name}{part}: .*")

    def read(self, data):
        """Looks at what the script has printed."""
        *lines, self.partial = (self.partial + data).split(b"\n")
        for line in lines:
            line = line.decode(errors="replace").rstrip()
            if line == "== result":
                self.results, self.not_run = [], []
            elif self.result_line.fullmatch(line):
                self.results.append(line)
            elif self.not_run_line.fullmatch(line):
                self.not_run.append(line)
            elif WARNING.match(line) and "/checkouts/" not in line and line not in self.warnings:
                self.warnings.append(line)
            if line:
                self.last_line = line

    def line(self, verdict):
        return f"{self.word}{self.name}: {verdict}"

    def judge(self, status):
        """Makes the closing lines of how the script ended and what it said."""
        if self.partial:
            self.read(b"\n")
        lines = list(self.results)
        said = [line for line in lines if ": FAILED: " in line]
        last = f": {self.last_line[:200]}" if self.last_line else ""
        if self.stopped:
            lines.append(self.line(f"FAILED: {self.stopped}"))
        elif status == 77 and not lines:
            lines.append(self.line(f"skipped: {self.last_line or 'no reason given'}"))
        elif status < 0:
            lines.append(self.line(f"FAILED: its supervisor was ended by {signal_name(-status)}"))
        elif status > 128 and signal_name(status - 128) and not said:
            lines.append(self.line(f"FAILED: its script was ended by {signal_name(status - 128)}{last}"))
        elif status not in (0, 77) and not said:
            lines.append(self.line(f"FAILED: its script ended with status {status}{last}"))
        elif not lines:
            lines.append(self.line(f"FAILED: its script ended without a result{last}"))
        if self.log_error:
            lines.append(self.line(f"FAILED: its log cannot be written: {self.log_error}"))
        for i, line in enumerate(lines):
            if ": FAILED: " in line and self.log_name and not self.log_error and " log " not in line:
                lines[i] += f", log {self.log_name}"
        self.outcome = lines


def signal_name(number):
    try:
        return signal.Signals(number).name
    except ValueError:
        return None


def list_jobs(arguments, limit, scratch):
    """The table of stacks and steps."""
    configuration = os.environ.get("CONFIGURATION") or "release"
    steps = {
        "documents": ["scripts/test-documents.py"],
        "scripts": ["scripts/test-scripts.sh"],
        "runner": ["scripts/test-runner.py"],
        "format": ["scripts/test-format.sh"],
        "floors": ["scripts/test-floors.py", f"{scratch}/{configuration}/index/store"],
        "api": ["scripts/test-api.py", f"{scratch}/{configuration}"],
        "docs": ["scripts/docs.sh"],
    }
    stacks = (os.environ.get("STACKS") or "llvmpipe zink angle c-interface vm apps").split()
    if not arguments and not any(name in steps for name in stacks):
        stacks += steps
    # As users build it (tests reach inside by package access, not by @testable), once for all stacks.
    build = Job(
        "build", ["swift", "build", "-c", configuration, "--build-tests", "--enable-index-store", "--scratch-path", scratch], "front",
        limit=max(limit, LIMIT))
    jobs, first = [], True
    for name in stacks:
        if name in steps:
            jobs.append(Job(
                name, steps[name], "beside", limit=limit, needs=build if name in ("floors", "api", "docs") else None,
                environment={"BUILT": configuration, "OUT": f"{scratch}/docs/site"} if name == "docs" else None))
        elif name in ("c-interface", "vm", "apps"):
            script = {"c-interface": "scripts/test-c-interface.sh", "vm": "scripts/test-vm.sh", "apps": "scripts/test-examples.sh"}
            # Each of its machines has the limit for itself.
            modes = len((os.environ.get("VM_MODES") or "fence virtio-gpu syncobj udmabuf bare").split())
            machines = modes * len((os.environ.get("VM_SUITES") or "bookworm").split()) if name == "vm" else 1
            job = Job(
                name, [script[name]], "either" if name == "c-interface" else "beside", word="stack ",
                limit=limit * machines, needs=build, environment={"BUILT": "1"})
            if arguments:
                own = "" if name == "c-interface" else "; FILTER of its own script chooses tests there"
                job.outcome = [job.line(f"skipped: arguments for swift test are given{own}")]
            jobs.append(job)
        else:
            # What no driver has a part in is tested once.
            jobs.append(Job(
                name, ["scripts/test-stack.sh", name, *arguments], "front", word="stack ", limit=limit, needs=build,
                environment={"INTEROP_TEST_DRIVER_ONLY": "" if first else "1"}))
            first = False
    if any(job.needs and not job.outcome for job in jobs):
        jobs.insert(0, build)
    return jobs


# --- The runner -------------------------------------------------------------------------------------------------------
class Runner:
    def __init__(self, jobs, limit, scratch):
        self.jobs, self.limit, self.scratch = jobs, limit, scratch
        self.logs, self.logs_error = os.path.join(os.path.abspath(scratch), "test-logs"), None
        self.selector = selectors.DefaultSelector()
        self.started = time.monotonic()
        self.stopping = self.output_error = self.exit_signal = self.fault = None
        self.shown = 0  # Of `jobs`: all before it have been shown.
        self.header_is_shown = False

    # Output: our own failures to write must not keep anything from being ended.
    def write(self, data):
        data = memoryview(bytes(data))
        while data and not self.output_error:
            try:
                data = data[os.write(1, data):]
            except BlockingIOError:
                time.sleep(0.01)
            except OSError as error:
                self.output_error = error.strerror
                if isinstance(error, BrokenPipeError):
                    self.stop("nobody reads the output")

    def say(self, text):
        self.write(f"\n== {text}\n".encode())

    # --- Logs
    def prepare_logs(self):
        try:
            os.makedirs(os.path.join(self.logs, "cache"), exist_ok=True)
            # Answers of earlier runs, and of the user's programs, are not what is tested.
            for folder, folders, files in os.walk(os.path.join(self.logs, "cache"), topdown=False):
                for name in files:
                    os.unlink(os.path.join(folder, name))
                for name in folders:
                    path = os.path.join(folder, name)
                    os.unlink(path) if os.path.islink(path) else os.rmdir(path)
        except OSError as error:
            self.logs_error = error.strerror

    def log(self, job, data):
        if job.log is None or job.log_error:
            return
        try:
            data = memoryview(data)
            while data:
                data = data[job.log.write(data):]
        except OSError as error:
            job.log_error = error.strerror

    # --- Beginning and ending
    def can_start(self, job):
        if job.process or job.outcome or (job.needs and not job.needs.is_built):
            return False
        running = [other for other in self.jobs if other.process and other.outcome is None]
        waiting = [other for other in self.jobs if not other.process and other.outcome is None]
        in_front = any(not other.is_beside for other in running)
        beside = sum(other.is_beside for other in running)
        if job.lane == "front":
            return not in_front
        if job.lane == "beside":
            job.is_beside = True
            return beside < 2
        job.is_beside = in_front or any(other.lane == "front" for other in waiting)
        return not job.is_beside or (beside < 2 and not any(other.lane == "beside" for other in waiting))

    def start(self, job):
        job.started = time.monotonic()
        # One log for each name, also if a stack is named twice.
        same = sum(other.name == job.name and other.log_name is not None for other in self.jobs)
        job.log_name = os.path.join(self.logs, re.sub(r"[^\w.-]", "_", job.name) + (f"-{same + 1}" if same else "") + ".log")
        try:
            job.log = open(job.log_name, "wb", buffering=0)
        except OSError as error:
            job.log_error = self.logs_error or error.strerror
        environment = {
            **os.environ, "SCRATCH": self.scratch, "TIME_LIMIT": str(self.limit), "LOGS": self.logs, **job.environment}
        environment["NICENESS"] = str(NICENESS if job.is_beside else 0)
        try:
            job.process = subprocess.Popen(
                [sys.executable, os.path.abspath(__file__), "--supervise", str(os.getpid()), *job.command],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment,
                start_new_session=True)
        except (OSError, subprocess.SubprocessError) as error:
            job.outcome = [job.line(f"FAILED: it cannot be started: {error}")]
            return
        os.set_blocking(job.process.stdout.fileno(), False)
        self.selector.register(job.process.stdout, selectors.EVENT_READ, job)

    def stop_job(self, job, reason):
        if job.stopped is None:
            job.stopped = reason
            job.ended_by = time.monotonic() + GRACE + 10
            send([job.process.pid], signal.SIGTERM)

    def stop(self, reason):
        if self.stopping:
            return
        self.stopping = reason
        for job in self.jobs:
            if job.process and job.outcome is None:
                self.stop_job(job, f"{reason} after {time.monotonic() - job.started:.0f} s")

    # --- While it runs
    def take(self, job):
        """Takes what the job has printed so far."""
        while True:
            try:
                data = os.read(job.process.stdout.fileno(), 65536)
            except BlockingIOError:
                return
            if not data:
                return
            self.log(job, data)
            job.read(data)
            job.unshown += data
            if job is self.jobs[self.shown]:
                self.show()

    def show(self):
        """Shows logs in the order of the jobs: of one as it comes, the next when that has ended."""
        while self.shown < len(self.jobs):
            job = self.jobs[self.shown]
            if job.process and not self.header_is_shown:
                self.say("building (optimised)" if job.name == "build" else f"{job.word}{job.name}")
                self.header_is_shown = True
            self.write(job.unshown)
            job.unshown.clear()
            if job.outcome is None:
                return
            if self.shown == len(self.jobs) - 1 or self.stopping:
                return
            self.shown += 1
            self.header_is_shown = False

    def finish(self, job):
        self.selector.unregister(job.process.stdout)
        job.process.stdout.close()
        job.seconds = time.monotonic() - job.started
        if job.log:
            try:
                job.log.close()
            except OSError as error:
                job.log_error = job.log_error or error.strerror
        status = job.process.returncode
        if status < 0:
            self.end_lost()
        job.is_built = job.name == "build" and status == 0 and not job.stopped
        if job.is_built and job.warnings:
            # SwiftPM has no way to make them errors in a package that has dependencies.
            text = f"FAILED: the compiler warns, {len(job.warnings)} times: {job.warnings[0]}"
            job.outcome = [job.line(f"{text}, log {job.log_name}")]
        elif job.is_built:
            # Nothing to say of it; a log of it nobody needs.
            job.outcome = []
        else:
            job.judge(status)
        if job.name == "build" and not job.is_built:
            if not job.stopped:
                job.outcome = [job.line(f"FAILED: status {status}, nothing that needs it was tested, log {job.log_name}")]
                self.write(b"\n== the build failed, no stack was tested\n")
            self.leave_out("not tested: the build failed", job)
        self.show()

    def end_lost(self):
        """Ends what was started under a supervisor that somebody has killed: it is this process' child now."""
        supervisors = {job.process.pid for job in self.jobs if job.process}
        for _ in range(100):
            lost = descendants(os.getpid(), without=supervisors)
            if not lost:
                return
            send(lost, signal.SIGKILL)
            time.sleep(0.02)

    def leave_out(self, reason, needed=None):
        for job in self.jobs:
            if not job.process and job.outcome is None and (needed is None or job.needs is needed):
                job.outcome = [job.line(f"skipped: {reason}")]

    def raise_priority(self):
        """What ran beside has the machine for itself now. Only root may raise a process, anybody a session of theirs."""
        for job in self.jobs:
            if job.process and job.outcome is None and job.is_beside:
                raised = set()
                for pid in descendants(job.process.pid):
                    with contextlib.suppress(OSError), open(f"/proc/{pid}/autogroup", "r+", encoding="ascii") as file:
                        session = file.read().split()[0]
                        if session not in raised:
                            file.seek(0)
                            file.write("0")
                            raised.add(session)
                    with contextlib.suppress(OSError):
                        os.setpriority(os.PRIO_PROCESS, pid, 0)

    def unfinished(self, job):
        """What a job that hangs is in: the tests that have begun and not ended, or what it said last."""
        try:
            script = '. scripts/test-log.sh && unfinished "$1"'
            names = subprocess.run(
                ["bash", "-c", script, "bash", job.log_name], capture_output=True, text=True, timeout=20, errors="replace").stdout
        except (OSError, subprocess.SubprocessError):
            names = ""
        return f" in {names}" if names else f": {job.last_line[:200]}" if job.last_line else ""

    def run(self):
        prctl(PR_SET_CHILD_SUBREAPER, 1)
        self.prepare_logs()
        front_was_busy = True
        while any(job.outcome is None for job in self.jobs):
            now = time.monotonic()
            if RECEIVED:
                if self.stopping:
                    # For the second time: at once.
                    for job in self.jobs:
                        if job.process and job.outcome is None:
                            job.ended_by = now
                self.exit_signal = RECEIVED[-1]
                RECEIVED.clear()
                self.stop(f"interrupted by {signal_name(self.exit_signal)}")
            if self.stopping:
                self.leave_out(f"not tested: {self.stopping}")
            for job in self.jobs:
                if not self.stopping and self.can_start(job):
                    self.start(job)
                    self.show()
            running = [job for job in self.jobs if job.process and job.outcome is None]
            front_is_busy = any(not job.is_beside for job in running) or any(
                not job.process and job.outcome is None for job in self.jobs)
            if front_was_busy and not front_is_busy:
                self.raise_priority()
            front_was_busy = front_is_busy
            for job in running:
                if now - job.started > job.limit and not job.stopped:
                    self.stop_job(job, f"hung: stopped after {job.limit} s{self.unfinished(job)}")
                if job.stopped and now > job.ended_by:
                    # The supervisor does not end: without it.
                    send([*descendants(job.process.pid), job.process.pid], signal.SIGKILL)
            for key, _ in self.selector.select(0.2):
                self.take(key.data)
            for job in running:
                if job.outcome is None and job.process.poll() is not None:
                    # All that could write has ended with the supervisor, or was lost by a kill of it.
                    self.take(job)
                    self.finish(job)

    # --- The end
    def close(self):
        try:
            self.run()
        except BaseException as error:  # Whatever it is: nothing stays behind, and the closing lines come.
            traceback.print_exc()
            self.fault = f"the runner itself failed: {type(error).__name__}: {error}"
            self.shown = len(self.jobs)
            send([job.process.pid for job in self.jobs if job.process and job.outcome is None], signal.SIGTERM)
            end_descendants(GRACE)
            for job in self.jobs:
                if job.outcome is None:
                    job.outcome = [job.line(f"FAILED: {self.fault}" if job.process else f"skipped: {self.fault}")]
        # What a supervisor that was killed has lost.
        end_descendants(0)
        lines = [line for job in self.jobs for line in job.outcome or []]
        passed = sum(bool(re.match(r"[^:]*: (tested|built), ", line)) for line in lines)
        skipped = sum(bool(re.match(r"[^:]*: skipped: ", line)) for line in lines)
        if self.fault:
            lines.append(f"test.sh: FAILED: {self.fault}")
        failed = len(lines) - passed - skipped
        took = ", ".join(f"{job.name} {job.seconds:.0f} s" for job in self.jobs if job.seconds is not None)
        self.say("result")
        whole = f"{time.monotonic() - self.started:.0f} s in all"
        text = [f"time: {took}; {whole}" if took else f"time: {whole}"]
        text += [line for job in self.jobs for line in job.not_run]
        text += lines
        text.append(f"{passed} passed, {failed} failed, {skipped} skipped")
        self.write("".join(line + "\n" for line in text).encode(errors="replace"))
        if self.output_error:
            print(f"test.sh: the output cannot be written: {self.output_error}", file=sys.stderr)
            return 1
        if self.exit_signal:
            return 128 + self.exit_signal
        return 1 if failed or not lines else 0


def main():
    if sys.argv[1:2] == ["--supervise"]:
        sys.exit(supervise(int(sys.argv[2]), sys.argv[3:]))
    os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
    scratch = os.environ.get("SCRATCH") or ".build"
    limit = os.environ.get("TIME_LIMIT") or str(LIMIT)
    if not re.fullmatch("[1-9][0-9]{0,8}", limit):
        print(f"test.sh: FAILED: TIME_LIMIT is a number of seconds, not '{limit}'\n0 passed, 1 failed, 0 skipped")
        sys.exit(1)
    limit = int(limit)
    # A file that is opened must not take the place of a closed standard output.
    while (null := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(null)
    sys.exit(Runner(list_jobs(sys.argv[1:], limit, scratch), limit, scratch).close())


if __name__ == "__main__":
    main()
