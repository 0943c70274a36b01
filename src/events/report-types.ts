/** What senders may report, by the `type` of their reports: each makes one type of event (`eventTypes`). */
export const reportTypes = [
  'status',
  'heartbeat',
  'register',
  'remove',
  'acknowledge',
  'snooze',
  'expect',
] as const;
