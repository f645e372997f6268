"""Reminders as the system's notifications: in a browser that allows them, and in one whose user says no."""

from mobile.state.reminders import FROM_HOUR
from server.demo.people import TIME_ZONE
from shared.timezone import local_datetime
from tests.e2e.person import Person

DAY = "follow-ups"
"""The tag of the day's reminder; follow-ups at a time have notifications of their own."""
LATER = "ms => { const now = Date.now; Date.now = () => now() + ms; }"
COMES_BACK = "() => document.dispatchEvent(new Event('visibilitychange'))"
LISTENS = """if (window.ServiceWorkerRegistration) {
  window.shown = [];
  const show = ServiceWorkerRegistration.prototype.showNotification;
  ServiceWorkerRegistration.prototype.showNotification = async function (title, options) {
    await show.call(this, title, options);
    shown.push([title, options.body, options.tag]);
  };
  window.Notification = class extends Notification {
    constructor(title, options) {
      super(title, options);
      shown.push([title, options.body, options.tag]);
    }
  };
}"""
"""Keeps what the browser was willing to show; before the app, because the reminder may come with the sign-in."""
TAPPED = """async (tag) => {
  const tapped = new Event("notificationclick");
  let work = null, closed = false;
  // The system's own tap cannot be made here; of another one the browser neither waits nor lets windows be focused.
  Object.defineProperties(tapped, {
    notification: { value: { tag, close() { closed = true; } } },
    waitUntil: { value: (promise) => { work = promise; } },
  });
  WindowClient.prototype.focus = async function () { return this; };
  dispatchEvent(tapped);
  await work;
  return closed;
}"""
SAYS_NO = """() => {
  window.asked = 0;
  window.Notification = class {
    static permission = "default";
    static async requestPermission() {
      window.asked += 1;
      return this.permission = "denied";
    }
  };
}"""


def is_reminded(person: Person, now_ms: int, due: int, overdue: int) -> None:
    """By a notification once the app is looked at, whose tap leads to what is due. The permission is given."""
    hour = local_datetime(now_ms, TIME_ZONE).hour
    if hour < FROM_HOUR:  # nobody is reminded at night
        for worker in person.page.workers:
            worker.evaluate(LATER, (FROM_HOUR - hour) * 3_600_000)
    person.page.evaluate(COMES_BACK)
    person.page.wait_for_function("() => shown.some(([, , tag]) => tag === 'follow-ups')")
    told = f"今天有 {due} 项跟进，其中 {overdue} 项逾期"
    shown = [one for one in person.page.evaluate("shown") if one[2] == DAY]
    assert shown == [["跟进提醒", told, DAY]], shown
    (worker,) = person.context.service_workers
    assert worker.evaluate(TAPPED, DAY)
    person.page.wait_for_url("**/follow-ups")


def is_asked_once(person: Person) -> None:
    """Says no to notifications: it is said where it is looked for, and nobody asks again. Begins at home."""
    person.page.evaluate(SAYS_NO)
    person.taps("打开我的设置")
    person.taps("允许通知")
    person.sees("浏览器不允许通知")
    person.taps("返回")
    person.page.evaluate(COMES_BACK)
    person.taps("打开我的设置")
    person.sees("浏览器不允许通知")
    assert "允许通知" not in [words.strip() for words in person.everything().splitlines()]
    assert person.page.evaluate("asked") == 1
