// The few pictures the product uses, drawn here so that nothing is fetched.
// They repeat a word or stand beside one, so they are hidden from screen readers.

const paths = {
  close: "M5 5l14 14M19 5L5 19",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  reply: "M9 7l-5 5 5 5M4 12h9a6 6 0 0 1 6 6v1",
  search: "M11 4a7 7 0 1 1 0 14a7 7 0 0 1 0-14zM16.2 16.2L21 21",
  person: "M12 4a4 4 0 1 1 0 8a4 4 0 0 1 0-8zM4 21c0-4 3.6-7 8-7s8 3 8 7",
  people: "M9 5a3.5 3.5 0 1 1 0 7a3.5 3.5 0 0 1 0-7zM2.5 20c0-3.6 2.9-6 6.5-6s6.5 2.4 6.5 6M16 5.2a3.5 3.5 0 0 1 0 6.6M18 14.4c2.1.8 3.5 2.8 3.5 5.6",
  log: "M6 3h12v18H6zM6 3v18M9.5 8H15M9.5 12H15M9.5 16H13",
  brief: "M5 4h14v16H5zM8.5 9h7M8.5 13h7M8.5 17h4",
  down: "M6 9l6 6 6-6",
  back: "M15 5l-7 7 7 7",
  right: "M9 5l7 7-7 7",
  pin: "M9 3h6l-1 7 3 3v2H7v-2l3-3-1-7zM12 15v6",
  erased: "M5 5h14v14H5zM8 12h8",
  lock: "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3",
  mute: "M4 9v6h4l5 4V5L8 9zM17 9l5 6M22 9l-5 6",
  bell: "M6 17V11a6 6 0 0 1 12 0v6l2 2H4zM10 21h4",
  plus: "M12 5v14M5 12h14",
  check: "M5 13l4.5 4.5L19 7",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  clock: "M12 3a9 9 0 1 1 0 18a9 9 0 0 1 0-18zM12 7.5V12l3 2",
  print: "M7 9V3h10v6M7 17H4v-7h16v7h-3M7 14h10v7H7z",
  at: "M12 8a4 4 0 1 1 0 8a4 4 0 0 1 0-8zM16 8v5.5a2.5 2.5 0 0 0 5 0V12a9 9 0 1 0-4 7.5",
  decision: "M12 3l9 9-9 9-9-9zM8.5 12l2.5 2.5 4.5-5",
  action: "M4 4h16v16H4z",
  actionDone: "M4 4h16v16H4zM8 12.5l3 3 5.5-7",
  severity: "M4 20v-4M9.3 20v-8M14.6 20V8M20 20V4",
  meeting: "M8 11a3 3 0 1 1 0-6a3 3 0 0 1 0 6zM16.5 11a2.5 2.5 0 1 1 0-5a2.5 2.5 0 0 1 0 5zM2.5 19c0-3 2.5-5 5.5-5s5.5 2 5.5 5M15 14c3.5-.5 6.5 1.5 6.5 4.5",
  handover: "M3 8h13M12 4l4 4-4 4M21 16H8M12 12l-4 4 4 4",
  broadcast: "M4 10v4h4l6 4V6l-6 4zM17 9a4 4 0 0 1 0 6M19.5 6.5a8 8 0 0 1 0 11",
  escalation: "M5 20h14M12 16V4M7 9l5-5 5 5",
  post: "M5 21V4h11l-2 4 2 4H5",
  book: "M5 4h12a2 2 0 0 1 2 2v14H7a2 2 0 0 1-2-2zM5 18a2 2 0 0 1 2-2h12M9 8h6",
  late: "M12 3a9 9 0 1 1 0 18a9 9 0 0 1 0-18zM12 7v6M12 16.5v.01",
  hand: "M4 12h13M12 6l6 6-6 6",
  quote: "M6 7h4v5a4 4 0 0 1-4 4M14 7h4v5a4 4 0 0 1-4 4",
  half: "M12 4a8 8 0 1 1 0 16a8 8 0 0 1 0-16zM12 4v16",
  circle: "M12 4a8 8 0 1 1 0 16a8 8 0 0 1 0-16z",
  record: "M5 4h14v16H5zM5 9h14M9 4v16",
  warning: "M12 3.5L22 20.5H2zM12 10v5M12 17.8v.01",
  attach: "M19 11l-7.5 7.5a4.5 4.5 0 0 1-6.4-6.4L13 4.2a3 3 0 0 1 4.3 4.3l-7.9 7.9a1.5 1.5 0 0 1-2.2-2.2L14.5 7",
  file: "M6 3h8l4 4v14H6zM14 3v4h4",
  intel: "M4 12a8 8 0 0 1 16 0M7.5 12a4.5 4.5 0 0 1 9 0M12 12l6.5 6.5M12 12v.01",
  eye: "M2.5 12c2-4 5.5-6.5 9.5-6.5s7.5 2.5 9.5 6.5c-2 4-5.5 6.5-9.5 6.5s-7.5-2.5-9.5-6.5zM12 9.5a2.5 2.5 0 1 1 0 5a2.5 2.5 0 0 1 0-5z",
  upload: "M12 16V4M7 9l5-5 5 5M4 20h16",
  download: "M12 4v12M7 11l5 5 5-5M4 20h16",
  send: "M4 12l16-8-5 17-3.5-7.5z",
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name, size = 20 }: { name: IconName; size?: number }) {
  return (
    <svg
      aria-hidden="true"
      focusable="false"
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth={name === "more" ? 3 : 2}
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      <path d={paths[name]} />
    </svg>
  );
}
