/* Drawn on a grid of 16, in the colour of the text around them. */

const shapes = {
  play: 'M5 3.5v9l7-4.5z',
  stop: 'M4.5 4.5h7v7h-7z',
  restart: 'M12.5 8a4.5 4.5 0 1 1-1.4-3.2M12.5 2.5v2.8H9.7',
  remove: 'M3.5 4.5h9M6.5 4.5v-1.5h3v1.5M4.7 4.5l.6 8.5h5.4l.6-8.5M6.8 7v3.5M9.2 7v3.5',
  logs: 'M3 4h10M3 7h7M3 10h10M3 13h5',
  containers: 'M8 1.8l5.5 3v6.4L8 14.2l-5.5-3V4.8zM2.7 4.9L8 7.8l5.3-2.9M8 7.8v6.2',
  images: 'M8 2.2l6 3-6 3-6-3zM2 8.2l6 3 6-3M2 11l6 3 6-3',
  volumes:
    'M2.8 4c0-1.1 2.3-2 5.2-2s5.2.9 5.2 2-2.3 2-5.2 2-5.2-.9-5.2-2zM2.8 4v8c0 1.1 2.3 2 5.2 2s5.2-.9 5.2-2V4M2.8 8c0 1.1 2.3 2 5.2 2s5.2-.9 5.2-2',
  settings: 'M2 4.5h7M12 4.5h2M2 11.5h2M7 11.5h7M10.5 3v3M5.5 10v3',
  engine:
    'M5.8 2.5c-2 0-1.6 1.6-1.6 3S3.2 8 2.4 8c.8 0 1.8 1 1.8 2.5s-.4 3 1.6 3M10.2 2.5c2 0 1.6 1.6 1.6 3s1 2.5 1.8 2.5c-.8 0-1.8 1-1.8 2.5s.4 3-1.6 3',
  problems: 'M8 2.2l6.2 11.3H1.8zM8 6.3v3.4M8 11.4v.5',
  log: 'M2.5 3h11v10h-11zM5 6.2L7 8l-2 1.8M8.5 10h2.7',
  close: 'M4 4l8 8M12 4l-8 8',
  search: 'M7 2.8a4.2 4.2 0 1 1 0 8.4 4.2 4.2 0 0 1 0-8.4M10.2 10.2l3.3 3.3',
  end: 'M8 3v9M4.5 8.5L8 12l3.5-3.5M3.5 14h9',
  add: 'M8 3.5v9M3.5 8h9',
} as const;

export type IconName = keyof typeof shapes;

export function Icon({ name }: { name: IconName }) {
  const filled = name === 'play' || name === 'stop';
  return (
    <svg class={filled ? 'icon filled' : 'icon'} viewBox="0 0 16 16" aria-hidden="true">
      <path d={shapes[name]} />
    </svg>
  );
}

interface IconButtonProps {
  icon: IconName;
  label: string;
  onClick: () => void;
  disabled?: boolean;
  /** In a row of a grid: arrows lead here, Tab passes. */
  inRow?: boolean;
}

export function IconButton({ icon, label, onClick, disabled = false, inRow = false }: IconButtonProps) {
  const click = (event: MouseEvent) => {
    event.stopPropagation();
    onClick();
  };
  return (
    <button
      type="button"
      class="icon-button"
      aria-label={label}
      title={label}
      disabled={disabled}
      tabIndex={inRow ? -1 : 0}
      onClick={click}
    >
      <Icon name={icon} />
    </button>
  );
}
