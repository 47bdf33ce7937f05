import { DropdownMenu as Radix, Popover as RadixPopover } from "radix-ui";
import type { ReactElement, ReactNode } from "react";
import { Icon, type IconName } from "./Icon";

export interface MenuItem {
  label: string;
  icon?: IconName;
  /** Shown on the right: a key, a state. */
  hint?: string;
  danger?: boolean;
  disabled?: boolean;
  checked?: boolean;
  onSelect: () => void;
}

/** What can be done with something: `<Menu items={[…]}><IconButton icon="more" label="More" /></Menu>`; null is a line. */
export function Menu({ items, children, align = "end" }: { items: readonly (MenuItem | null)[]; children: ReactElement; align?: "start" | "end" }) {
  return (
    <Radix.Root modal={false}>
      <Radix.Trigger asChild>{children}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content className="menu" align={align} sideOffset={4} collisionPadding={8}>
          {items.map((item, place) =>
            item === null ? (
              <Radix.Separator key={place} className="menu-line" />
            ) : (
              <Radix.Item key={item.label} className={item.danger ? "menu-item bad" : "menu-item"} disabled={item.disabled ?? false} onSelect={item.onSelect}>
                {item.checked !== undefined ? <span className="menu-mark">{item.checked && <Icon name="check" />}</span> : item.icon && <Icon name={item.icon} />}
                <span className="grow">{item.label}</span>
                {item.checked && <span className="unseen">chosen</span>}
                {item.hint && <span className="quiet tiny">{item.hint}</span>}
              </Radix.Item>
            ),
          )}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

/** A small surface beside what opens it. */
export function Popover({ trigger, label, children, align = "start", open, onOpenChange }: { trigger: ReactElement; label: string; children: ReactNode; align?: "start" | "end"; open?: boolean; onOpenChange?: (open: boolean) => void }) {
  return (
    <RadixPopover.Root {...(open === undefined ? {} : { open })} {...(onOpenChange ? { onOpenChange } : {})}>
      <RadixPopover.Trigger asChild>{trigger}</RadixPopover.Trigger>
      <RadixPopover.Portal>
        <RadixPopover.Content className="popover" align={align} sideOffset={4} collisionPadding={8} aria-label={label}>
          {children}
        </RadixPopover.Content>
      </RadixPopover.Portal>
    </RadixPopover.Root>
  );
}
