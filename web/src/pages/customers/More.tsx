/** What can be done for somebody: give them everything, erase them. */

import { useState } from "react";
import { ask, type ProblemError } from "../../api/client";
import { navigate } from "../../app/router";
import { useMay } from "../../app/session";
import { IconButton, Menu, download, useSay, type MenuItem } from "../../parts";

export function More({ customer }: { customer: string }) {
  const may = useMay();
  const say = useSay();
  const [isBusy, setBusy] = useState(false);
  if (!may("manage_privacy")) return null;
  const give = async () => {
    setBusy(true);
    try {
      const response = (await ask("POST /api/v1/customers/{id}/export", { path: { id: customer } })) as unknown as Response;
      download(`${customer}.zip`, await response.blob());
      say("Everything known of them is in the file; this is in the audit log");
    } catch (error) {
      say((error as ProblemError).message, "bad");
    } finally {
      setBusy(false);
    }
  };
  const items: MenuItem[] = [
    { label: "Export everything", icon: "download", onSelect: () => void give() },
    { label: "What was done about them", icon: "clock", onSelect: () => navigate(`/privacy?tab=audit&subject=${encodeURIComponent(customer)}`) },
    { label: "Erase …", icon: "trash", danger: true, onSelect: () => navigate(`/privacy?tab=requests&erase=${encodeURIComponent(customer)}`) },
  ];
  return (
    <Menu items={items}>
      <IconButton icon="more" label="More" busy={isBusy} kind="plain" />
    </Menu>
  );
}
