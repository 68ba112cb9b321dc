import { createContext, type ReactNode, useCallback, useContext, useState } from 'react';

const AnnounceContext = createContext<(text: string) => void>(() => {});

/** A polite live region: what changed while the eyes were on the unit. */
export function Announcer({ children }: { children: ReactNode }) {
  const [said, setSaid] = useState({ text: '', odd: false });
  // A trailing no-break space on every other message makes a repeated text be read again.
  const announce = useCallback((text: string) => setSaid((last) => ({ text, odd: !last.odd })), []);
  return (
    <AnnounceContext value={announce}>
      {children}
      <div className="rb-sr" aria-live="polite" role="status">
        {said.odd ? `${said.text}\u00a0` : said.text}
      </div>
    </AnnounceContext>
  );
}

export const useAnnounce = (): ((text: string) => void) => useContext(AnnounceContext);
