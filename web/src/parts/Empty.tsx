import type { ReactNode } from "react";
import { Icon, type IconName } from "./Icon";

/** Nothing is here yet: why, and what to do next; `command` is what to type in the terminal. */
export function Empty({ title, children, command, action, icon = "info" }: { title: string; children?: ReactNode; command?: string; action?: ReactNode; icon?: IconName }) {
  return (
    <div className="empty">
      <span className="empty-icon">
        <Icon name={icon} size={20} />
      </span>
      <h3>{title}</h3>
      {children && <p className="quiet">{children}</p>}
      {command && (
        <pre>
          <code>{command}</code>
        </pre>
      )}
      {action}
    </div>
  );
}
