#!/usr/bin/python3
"""browser.py [--pictures DIRECTORY] URL USER ANSWER...: one login to Cockpit with a real browser, a new
one that has never been anywhere. Types the answers where the page asks for them, and prints what a person
would see:

    asks LABEL     of each field that is to be filled in, but the user's name
    says MESSAGE   of a refusal
    in NAME        the user that Cockpit's own page greets

--pictures keeps each page as cockpit-WORD.png: password, code, refused or in."""

import argparse
import base64
import fcntl
import json
import os
import sys
import tempfile
import time

BROWSERS = ["/usr/bin/chromium-headless-shell", "/usr/lib64/chromium-browser/headless_shell"]
OPTIONS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
           "--disable-background-networking", "--disable-component-update", "--disable-sync",
           "--hide-scrollbars", "--remote-debugging-pipe"]
# Pictures show the pages, and not what Debian has painted behind them.
PAINTED = ["*.jpg", "*/logo.png"]
SIZE = {"width": 900, "height": 510, "deviceScaleFactor": 1, "mobile": False}
PATIENCE = 90  # seconds for anything to appear
# Names of the pictures, by the element that a page is about.
PICTURES = {"login-password-input": "password", "conversation-input": "code",
            "login-error-message": "refused", "current-username": "in"}

# Where the page stands: a word, what is shown, the element it is about; or null while it is thinking.
STATE = """(() => {
    const seen = id => { const e = document.getElementById(id); return e && e.offsetParent !== null; };
    const text = id => seen(id) ? document.getElementById(id).textContent.trim() : "";
    if (document.readyState !== "complete")
        return null;
    if (text("current-username") && document.querySelector("iframe[data-loaded]"))
        return ["in", text("current-username"), "current-username"];
    for (const id of ["login-error-message", "login-fatal-message"])
        if (text(id))
            return ["says", text(id), id];
    if (!seen("login-button") || document.getElementById("login-button").disabled)
        return null;
    return seen("conversation-input") ? ["asks", text("conversation-prompt"), "conversation-input"]
                                      : ["asks", "Password", "login-password-input"];
})()"""
# Down to here something is written.
BOTTOM = """(() => { const details = document.getElementById("login-details");
                    return details ? details.getBoundingClientRect().bottom : innerHeight; })()"""


class Browser:
    """Chromium, spoken to by the DevTools protocol over two pipes: messages that end with a zero."""

    def __init__(self, home):
        from_us, self.out = os.pipe()
        self.incoming, to_us = os.pipe()
        ends = [fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 10) for fd in (from_us, to_us)]
        command = [next(filter(os.path.exists, BROWSERS)), *OPTIONS, f"--user-data-dir={home}/data"]
        with open(f"{home}/log", "wb") as log:
            places = [(log.fileno(), 1), (log.fileno(), 2), (ends[0], 3), (ends[1], 4)]
            self.pid = os.posix_spawn(command[0], command, os.environ, file_actions=[
                (os.POSIX_SPAWN_DUP2, *place) for place in places])
        for fd in (from_us, to_us, *ends):
            os.close(fd)
        self.rest, self.number, self.session = b"", 0, None
        target = self.do("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.do("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]

    def send(self, method, parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.out, json.dumps(message).encode() + b"\0")

    def do(self, method, **parameters):
        self.send(method, parameters)
        while True:
            answer = json.loads(self.next_message())
            if answer.get("id") == self.number:
                return answer.get("result", {})

    def next_message(self):
        while b"\0" not in self.rest:
            more = os.read(self.incoming, 1 << 16)
            if not more:
                sys.exit("browser.py: the browser has gone")
            self.rest += more
        message, self.rest = self.rest.split(b"\0", 1)
        return message

    def ask(self, script):
        """What the script says of the page; None also between two pages."""
        answer = self.do("Runtime.evaluate", expression=script, returnByValue=True)
        return answer.get("result", {}).get("value")

    def type(self, field, text):
        self.ask(f"document.getElementById('{field}').focus()")
        self.do("Input.insertText", text=text)

    def close(self):
        self.session = None
        self.send("Browser.close", {})
        os.waitpid(self.pid, 0)


def keep_picture(browser, directory, name):
    time.sleep(2)  # frames and fonts come late
    clip = {"x": 0, "y": 0, "width": SIZE["width"], "height": browser.ask(BOTTOM), "scale": 1}
    data = browser.do("Page.captureScreenshot", format="png", clip=clip,
                      captureBeyondViewport=True)["data"]
    with open(f"{directory}/cockpit-{name}.png", "wb") as out:
        out.write(base64.b64decode(data))


def next_state(browser, before=None):
    """What follows on that state."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        state = browser.ask(STATE)
        if state and state != before:
            return state
        time.sleep(0.05)
    sys.exit(f"browser.py: nothing came after {before}")


def log_in(browser, url, user, answers, pictures):
    browser.do("Emulation.setDeviceMetricsOverride", **SIZE)
    if pictures:
        browser.do("Network.enable")
        browser.do("Network.setBlockedURLs", urls=PAINTED)
    browser.do("Page.navigate", url=url)
    word, text, element = state = next_state(browser)
    browser.type("login-user-input", user)
    while True:
        print(word, text, flush=True)
        if word == "asks" and answers:
            browser.type(element, answers.pop(0))
        if pictures:
            keep_picture(browser, pictures, PICTURES[element])
        if word != "asks":
            return
        browser.ask("document.getElementById('login-button').click()")
        word, text, element = state = next_state(browser, state)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--pictures", metavar="DIRECTORY")
    parser.add_argument("url")
    parser.add_argument("user")
    parser.add_argument("answers", nargs="*")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="browser.", ignore_cleanup_errors=True) as home:
        browser = Browser(home)
        log_in(browser, wanted.url, wanted.user, wanted.answers, wanted.pictures)
        browser.close()


main()
