"""Reminders as the system's notifications: in a browser that allows them, and in one whose user says no."""

from mobile.state.reminders import FROM_HOUR
from server.demo.people import TIME_ZONE
from shared.timezone import local_datetime
from tests.e2e.person import Person

LATER = "ms => { const now = Date.now; Date.now = () => now() + ms; }"
COMES_BACK = "() => document.dispatchEvent(new Event('visibilitychange'))"
SHOWN = """async () => {
  const worker = await navigator.serviceWorker.getRegistration();
  return (await worker.getNotifications({ tag: "follow-ups" })).map(({ title, body }) => [title, body]);
}"""
"""Of the day; follow-ups at a time have notifications of their own."""
TAPPED = """async () => {
  const [notification] = await registration.getNotifications({ tag: "follow-ups" });
  const tapped = new NotificationEvent("notificationclick", { notification });
  let work = null;
  // The system's own tap cannot be made here; of another one the browser neither waits nor lets windows be focused.
  Object.defineProperty(tapped, "waitUntil", { value: (promise) => { work = promise; } });
  WindowClient.prototype.focus = async function () { return this; };
  dispatchEvent(tapped);
  await work;
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
    person.page.wait_for_function(f"({SHOWN})().then(shown => shown.length > 0)")
    told = f"今天有 {due} 项跟进，其中 {overdue} 项逾期"
    assert person.page.evaluate(SHOWN) == [["跟进提醒", told]]
    (worker,) = person.context.service_workers
    worker.evaluate(TAPPED)
    person.page.wait_for_url("**/follow-ups")
    assert person.page.evaluate(SHOWN) == []


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
