// Counts down. What is left of the server's time is counted from its answer: the device's own clock may be wrong.
import { say } from "./say.js";

/** Tells `show` each second how many are left, calls `over` when none is, and returns what stops it. */
export function countDown(milliseconds, show, over) {
  const end = performance.now() + milliseconds;
  let timer;
  const tick = () => {
    const seconds = Math.max(0, Math.ceil((end - performance.now()) / 1000));
    show(seconds);
    if (seconds === 0) over();
    else timer = setTimeout(tick, 1000);
  };
  tick();
  return () => clearTimeout(timer);
}

/** So many seconds in words; whole minutes, while there is more than one. */
export const duration = (n) =>
  n > 60 ? say("plan.minutes", { n: Math.floor(n / 60) }) : say("plan.seconds", { n });
