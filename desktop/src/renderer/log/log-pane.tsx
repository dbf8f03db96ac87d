import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { IconButton } from '../parts/icons.tsx';
import { followLog, type LogSource } from './follow-log.ts';
import type { Line } from './line-buffer.ts';

/** As the style sheet has it: every line is of this height, so that only those in sight have to exist. */
const lineHeight = 18;
const beyondSight = 20;

interface Shown {
  lines: readonly Line[];
  total: number;
  ended: string | null;
}

/** Follows a log; holds its last lines and draws those that are in sight. */
export function LogPane({ source }: { source: LogSource }) {
  const [{ lines, total, ended }, setShown] = useState<Shown>({ lines: [], total: 0, ended: null });
  const [top, setTop] = useState(0);
  const [filter, setFilter] = useState('');
  const shown = useMemo(() => passing(lines, filter), [lines, filter]);
  const scroller = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  useEffect(() => {
    const left = new AbortController();
    followLog(source, setShown, left.signal);
    return () => left.abort();
  }, []);
  useLayoutEffect(() => {
    if (atEnd.current) toEnd(scroller.current);
  }, [total, ended, filter]);
  const onScroll = () => {
    const { scrollTop, scrollHeight, clientHeight } = scroller.current!;
    // Not being at the end may only mean that lines were added since: leaving it takes a move up.
    if (scrollHeight - scrollTop - clientHeight < lineHeight) atEnd.current = true;
    else if (scrollTop < top) atEnd.current = false;
    setTop(scrollTop);
  };
  const first = Math.max(0, Math.floor(top / lineHeight) - beyondSight);
  const height = scroller.current?.clientHeight ?? 400;
  const last = Math.ceil((top + height) / lineHeight) + beyondSight;
  const named = !('container' in source);
  return (
    <div class="log">
      <div ref={scroller} class="lines" role="log" aria-live="off" tabIndex={0} onScroll={onScroll}>
        <div class="height" ref={(element) => setHeight(element, shown.length)}>
          <div class="window" ref={(element) => setOffset(element, first)}>
            {shown.slice(first, last).map(({ number, text, source: from }) => (
              <div key={number} class={from === 'stderr' ? 'row error' : 'row'}>
                {named && <span class="from">{from}</span>}
                {text}
              </div>
            ))}
          </div>
        </div>
      </div>
      <div class="foot">
        <span>
          {total > lines.length
            ? `the last ${lines.length.toLocaleString()} of ${total.toLocaleString()} lines`
            : `${total.toLocaleString()} lines`}
        </span>
        <input
          type="search"
          placeholder="Filter"
          aria-label="Filter lines"
          value={filter}
          onInput={(event) => setFilter(event.currentTarget.value)}
        />
        {filter !== '' && <span>{shown.length.toLocaleString()} with it</span>}
        <span class="space" />
        <span>{ended ?? 'following'}</span>
        <IconButton icon="end" label="To the end" onClick={() => toEnd(scroller.current)} />
      </div>
    </div>
  );
}

/** The browser's own search finds only lines in sight. */
function passing(lines: readonly Line[], filter: string): readonly Line[] {
  if (filter === '') return lines;
  const word = filter.toLowerCase();
  return lines.filter(({ text }) => text.toLowerCase().includes(word));
}

function toEnd(element: HTMLElement | null): void {
  if (element) element.scrollTop = element.scrollHeight;
}

/* Set from script, since a style attribute would be inline style, which the policy forbids. */

function setHeight(element: HTMLElement | null, lines: number): void {
  if (element) element.style.height = `${lines * lineHeight}px`;
}

function setOffset(element: HTMLElement | null, first: number): void {
  if (element) element.style.transform = `translateY(${first * lineHeight}px)`;
}
