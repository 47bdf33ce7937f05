import { Tooltip as Radix } from "radix-ui";
import type { ReactElement } from "react";

/** A few words on hover and on focus; never the only place where something is said. */
export function Tooltip({ text, children, side = "top" }: { text: string; children: ReactElement; side?: "top" | "right" | "bottom" | "left" }) {
  return (
    <Radix.Root>
      <Radix.Trigger asChild>{children}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content className="tooltip" side={side} sideOffset={6} collisionPadding={8}>
          {text}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

export const TooltipProvider = Radix.Provider;
