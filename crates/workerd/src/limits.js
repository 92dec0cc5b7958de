// Counts requests as Cloudflare's rate-limiting binding does: by key, within a period that begins with the first of them.
export default ({ limit, period }) => {
  const counts = new Map();
  return {
    async limit({ key }) {
      const now = Date.now();
      let count = counts.get(key);
      if (!count || now >= count.since + period * 1000) counts.set(key, (count = { since: now, requests: 0 }));
      count.requests += 1;
      return { success: count.requests <= limit };
    },
  };
};
