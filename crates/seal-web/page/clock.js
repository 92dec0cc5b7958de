// Counts down what time is left, by the server's clock: the device's own may be wrong.
import { $ } from "./dom.js";
import { say } from "./say.js";

/** Shows the time left until it is over, then calls `over`. Returns what stops it. */
export function countDown(plan, over) {
  const end = performance.now() + plan.until - plan.now;
  let timer;
  const tick = () => {
    const seconds = Math.max(0, Math.ceil((end - performance.now()) / 1000));
    $("time-left").textContent = seconds > 60 ? say("plan.minutes", { n: Math.floor(seconds / 60) }) : duration(seconds);
    if (seconds === 60) $("status").textContent = `${say("page.time_left")}: ${duration(seconds)}`;
    if (seconds === 0) over();
    else timer = setTimeout(tick, 1000);
  };
  tick();
  return () => clearTimeout(timer);
}

/** So many seconds in words. */
export const duration = (n) => say("plan.seconds", { n });
