import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

interface Shown {
  destroy(): void;
}

/**
 * A place in which something is shown once its code is there: `load` resolves to what shows it. Whoever has gone on by
 * then is left alone.
 */
export function useLoaded(load: (place: HTMLElement) => Promise<() => Shown>): RefObject<HTMLDivElement> {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    let left = false;
    let shown: Shown | null = null;
    void load(place.current!).then((show) => {
      if (!left) shown = show();
    });
    return () => {
      left = true;
      shown?.destroy();
    };
  }, []);
  return place;
}
