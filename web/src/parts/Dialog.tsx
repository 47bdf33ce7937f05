import { useEffect, useId, useRef, type ReactNode } from "react";
import { Button } from "./Button";

interface DialogProps {
  open: boolean;
  onClose: () => void;
  title: string;
  /** Under the title. */
  words?: ReactNode;
  /** Buttons, at the bottom. */
  footer?: ReactNode;
  /** From the right edge, as high as the window. */
  drawer?: boolean;
  wide?: boolean;
  children?: ReactNode;
}

/** Asks or shows something over the page: the browser's own dialog keeps the focus, Escape and a click beside close it. */
export function Dialog({ open, onClose, title, words, footer, drawer, wide, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const element = dialog.current;
    if (!element || !open) return;
    const before = document.activeElement;
    if (!element.open) element.showModal();
    // A field if there is one to fill, else what is to be read: never the button that closes it.
    (element.querySelector<HTMLElement>(".dialog-body :is(input, select, textarea)") ?? element.querySelector<HTMLElement>(".dialog-box"))?.focus();
    return () => {
      element.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, [open]);
  if (!open) return null;
  return (
    <dialog
      ref={dialog}
      className={`dialog${drawer ? " drawer" : ""}${wide ? " wide" : ""}`}
      aria-labelledby={id}
      onCancel={(event) => {
        if (event.target !== event.currentTarget) return;
        event.preventDefault();
        onClose();
      }}
      onMouseDown={(event) => {
        if (event.target === event.currentTarget) onClose();
      }}
    >
      <div className="dialog-box" tabIndex={-1}>
        <header className="dialog-head">
          <div className="grow">
            <h2 id={id}>{title}</h2>
            {words && <div className="quiet small">{words}</div>}
          </div>
          <Button kind="quiet" icon="close" className="icon-button" aria-label="Close" onClick={onClose} />
        </header>
        <div className="dialog-body">{children}</div>
        {footer && <footer className="dialog-foot">{footer}</footer>}
      </div>
    </dialog>
  );
}
