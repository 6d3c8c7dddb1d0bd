import { createSender } from '@tranquility-js/core';
import type { OpenAdapter } from './adapter-suite.js';

/** The plainest adapter there is. */
export const openSender: OpenAdapter = async (config) => {
  const sender = await createSender({ config });
  return {
    deliver: async (events) => {
      const { sent } = await sender.sendAll(events);
      if (sent !== events.length) throw new Error(`${sent} of ${events.length} events were sent.`);
    },
    close: async () => {
      await sender.close();
    },
    crash: async () => {
      await sender.close({ timeout: 0 });
    },
  };
};
