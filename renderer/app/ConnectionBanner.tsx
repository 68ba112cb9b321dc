import { IconPlugConnectedX } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useStation } from '../data/station.tsx';
import classes from './Shell.module.css';

/** A break shorter than this is over before anybody has read about it. */
const PATIENCE_MS = 1_200;

/** Calm words while the station is away; it and everything on the page come back by themselves. */
export function ConnectionBanner() {
  const { status } = useStation();
  const [shown, setShown] = useState(false);
  useEffect(() => {
    if (status === 'online') {
      setShown(false);
      return;
    }
    const timer = setTimeout(() => setShown(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [status]);
  return (
    <div role="status">
      {shown ? (
        <p className={classes.banner} data-tone="needs">
          <IconPlugConnectedX size={22} aria-hidden />
          The station is restarting. Everything comes back by itself, and what you typed stays.
        </p>
      ) : null}
    </div>
  );
}
