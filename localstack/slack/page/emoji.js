/** The shortcodes that an operations channel lives on. One that is not here stays as it was written. */
const characters = new Map(
  Object.entries({
    alarm_clock: '⏰',
    arrow_right: '➡️',
    arrows_counterclockwise: '🔄',
    bangbang: '‼️',
    bar_chart: '📊',
    bell: '🔔',
    black_circle: '⚫',
    boom: '💥',
    bulb: '💡',
    calendar: '📆',
    chart_with_upwards_trend: '📈',
    clipboard: '📋',
    crescent_moon: '🌙',
    eyes: '👀',
    exclamation: '❗',
    fire: '🔥',
    green_heart: '💚',
    hammer_and_wrench: '🛠️',
    heavy_check_mark: '✔️',
    hourglass: '⌛',
    hourglass_flowing_sand: '⏳',
    house: '🏠',
    information_source: 'ℹ️',
    large_blue_circle: '🔵',
    large_green_circle: '🟢',
    large_orange_circle: '🟠',
    large_yellow_circle: '🟡',
    link: '🔗',
    lock: '🔒',
    mag: '🔍',
    mute: '🔇',
    new: '🆕',
    no_bell: '🔕',
    no_entry: '⛔',
    notebook: '📓',
    ok: '🆗',
    ok_hand: '👌',
    pushpin: '📌',
    question: '❓',
    raised_hands: '🙌',
    red_circle: '🔴',
    repeat: '🔁',
    robot_face: '🤖',
    rocket: '🚀',
    rotating_light: '🚨',
    scroll: '📜',
    skull: '💀',
    snail: '🐌',
    sos: '🆘',
    sparkles: '✨',
    speech_balloon: '💬',
    stopwatch: '⏱️',
    sunrise: '🌅',
    tada: '🎉',
    thumbsup: '👍',
    thread: '🧵',
    tools: '🛠️',
    warning: '⚠️',
    wave: '👋',
    white_check_mark: '✅',
    white_circle: '⚪',
    white_large_square: '⬜',
    wrench: '🔧',
    x: '❌',
    zap: '⚡',
    zzz: '💤',
    '+1': '👍',
    '-1': '👎',
  }),
);

const shortcode = /:([a-z0-9_+'-]{1,100}):/g;

/**
 * @param {string} name without colons
 * @returns {string | undefined} the character, if the shortcode is known
 */
export function emojiNamed(name) {
  return characters.get(name);
}

/**
 * @param {string} text
 * @returns {string} the same with every known `:shortcode:` as its character
 */
export function withEmoji(text) {
  return text.replace(shortcode, (whole, name) => characters.get(name) ?? whole);
}
