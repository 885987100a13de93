# SPDX-License-Identifier: GPL-2.0-only
"""Run a program on a terminal and say what was on its screen.

terminal.py [--size COLUMNSxROWS] [--resize AFTER:COLUMNSxROWS] [--signal AFTER:NAME]...
            [--shot DIRECTORY] COMMAND...

AFTER counts frames: what is drawn from the home position, of the size the window has. The screen at the end of each
frame is kept in DIRECTORY as frame-NUMBER, that of the end as last. What is drawn must be
within the window, and nothing but what is known here may be drawn.

Exit status: that of the program, 128 + number of the signal that ended it, or 99 if the
terminal was drawn on in a wrong way or not left as it was.
"""

import argparse
import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios

# Something is wrong then, however slow the machine.
LIMIT_S = 300

TOKEN = re.compile(r"\x1b\[([?0-9;]*)([A-Za-z])|([^\x1b])", re.S)


class Screen:
    """The little of a terminal that a full-screen program of ours needs."""

    def __init__(self, columns, rows):
        self.columns, self.rows = columns, rows
        self.saved = None
        self.cursor_shown = True
        self.attributes = False
        self.faults = []
        self.outdated = False
        self.clear()

    def clear(self):
        self.lines = [[" "] * self.columns for _ in range(self.rows)]
        self.row = self.column = 0

    def resize(self, columns, rows):
        """What is on its way is for the old window: until the whole screen is cleared."""
        self.columns, self.rows = columns, rows
        self.outdated = self.saved is not None
        self.clear()

    def text(self):
        return "".join("".join(line).rstrip() + "\n" for line in self.lines)

    def control(self, argument, letter):
        if (argument, letter) in (("2", "J"), ("?1049", "l")):
            self.outdated = False
        if (argument, letter) == ("?1049", "h"):
            self.saved = (self.lines, self.row, self.column)
            self.clear()
        elif (argument, letter) == ("?1049", "l"):
            if self.saved is None:
                self.faults.append("the first screen was left, not the second")
            else:
                self.lines, self.row, self.column = self.saved
                self.lines = [(line + [" "] * self.columns)[: self.columns] for line in self.lines]
                self.lines = (self.lines + [[" "] * self.columns] * self.rows)[: self.rows]
                self.row = min(self.row, self.rows - 1)
            self.saved = None
        elif argument == "?25":
            self.cursor_shown = letter == "h"
        elif letter == "m":
            self.attributes = argument not in ("", "0")
        elif (argument, letter) == ("", "H"):
            self.row = self.column = 0
        elif (argument, letter) == ("2", "J"):
            self.lines = [[" "] * self.columns for _ in range(self.rows)]
        elif (argument, letter) == ("", "J"):
            self.control("", "K")
            for row in range(self.row + 1, self.rows):
                self.lines[row] = [" "] * self.columns
        elif (argument, letter) == ("", "K"):
            for column in range(self.column, self.columns):
                self.lines[self.row][column] = " "
        else:
            self.faults.append(f"unknown: ESC [ {argument} {letter}")

    def character(self, character):
        if self.outdated:
            return
        if character == "\r":
            self.column = 0
        elif character == "\n":
            self.row += 1
            if self.row == self.rows:
                if self.saved is not None:
                    self.faults.append("the view has scrolled")
                self.lines = self.lines[1:] + [[" "] * self.columns]
                self.row -= 1
        elif self.column >= self.columns:
            if self.saved is not None:
                self.faults.append("a line of the view is longer than the window")
            self.column = 0
            self.character("\n")
            self.character(character)
        else:
            self.lines[self.row][self.column] = character
            self.column += 1


def window(text):
    columns, rows = text.split("x")
    return int(columns), int(rows)


def set_size(fd, columns, rows):
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", type=window, default=(100, 24))
    parser.add_argument("--resize", action="append", default=[])
    parser.add_argument("--signal", action="append", default=[])
    parser.add_argument("--shot")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    return parser.parse_args()


class Run:
    def __init__(self, options):
        self.options = options
        self.screen = Screen(*options.size)
        self.events = {}
        for kind in ("resize", "signal"):
            for event in getattr(options, kind):
                after, what = event.split(":")
                self.events.setdefault(int(after), []).append((kind, what))
        self.frames = 0
        self.rest = ""
        read_end, write_end = os.pipe()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.close(write_end)
            os.read(read_end, 1)
            # A shell starts what runs in the background with SIGINT ignored.
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGTSTP):
                signal.signal(number, signal.SIG_DFL)
            os.execvp(options.command[0], options.command)
        set_size(self.fd, *options.size)
        self.modes = termios.tcgetattr(self.fd)
        os.close(read_end)
        os.close(write_end)

    def shot(self, name):
        if self.options.shot:
            path = os.path.join(self.options.shot, name)
            with open(path, "w", encoding="utf-8") as file:
                file.write(self.screen.text())

    def frame_ends(self):
        self.shot(f"frame-{self.frames}")
        for kind, what in self.events.pop(self.frames, []):
            if kind == "resize":
                set_size(self.fd, *window(what))
                self.screen.resize(*window(what))
            else:
                os.kill(self.pid, getattr(signal, what))
        self.frames += 1

    def draw(self, text):
        text = self.rest + text
        at = 0
        while at < len(text):
            token = TOKEN.match(text, at)
            if not token:
                break
            at = token.end()
            if token[3] is not None:
                self.screen.character(token[3])
                continue
            self.screen.control(token[1], token[2])
            # The last thing of a frame is to clear what is below it.
            if token[2] == "J" and not token[1] and not self.screen.outdated:
                self.frame_ends()
        self.rest = text[at:]

    def stopped(self):
        """It has suspended itself: what is on the screen now, and go on."""
        self.shot("suspended")
        if self.screen.saved is not None or not self.screen.cursor_shown:
            self.screen.faults.append("suspended, and the terminal is not as it was")
        os.kill(self.pid, signal.SIGCONT)

    def give_up(self, *_):
        os.kill(self.pid, signal.SIGKILL)
        sys.exit(f"terminal.py: after {LIMIT_S} s it still runs: killed")

    def go(self):
        ended = None
        signal.signal(signal.SIGALRM, self.give_up)
        signal.alarm(LIMIT_S)
        decoder = __import__("codecs").getincrementaldecoder("utf-8")("replace")
        while ended is None:
            ready, _, _ = select.select([self.fd], [], [], 0.02)
            if ready:
                try:
                    data = os.read(self.fd, 65536)
                except OSError:
                    data = b""
                if data:
                    self.draw(decoder.decode(data))
                    continue
            pid, status = os.waitpid(self.pid, os.WNOHANG | os.WUNTRACED)
            if pid and os.WIFSTOPPED(status):
                self.stopped()
            elif pid:
                ended = status
        # The last words lie in the terminal's buffer.
        while select.select([self.fd], [], [], 0)[0]:
            try:
                self.draw(decoder.decode(os.read(self.fd, 65536)))
            except OSError:
                break
        self.shot("last")
        return ended

    def faults(self):
        yield from self.screen.faults
        if self.screen.saved is not None:
            yield "the second screen was not left"
        if not self.screen.cursor_shown:
            yield "the cursor is hidden"
        if self.screen.attributes:
            yield "colours were not reset"
        if self.rest:
            yield "a sequence is not complete"


def main():
    run = Run(parse())
    ended = run.go()
    sys.stdout.write(run.screen.text().rstrip("\n") + "\n")
    print(f"frames: {run.frames}")
    faults = sorted(set(run.faults()))
    for fault in faults:
        print(f"fault: {fault}")
    if faults:
        return 99
    if os.WIFSIGNALED(ended):
        return 128 + os.WTERMSIG(ended)
    return os.WEXITSTATUS(ended)


sys.exit(main())
