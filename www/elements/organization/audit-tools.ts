// <postern-audit-tools>: what is done with the whole audit log.

import { html, nothing } from "lit";
import { customElement, state } from "lit/decorators.js";
import "./audit-export";
import "./audit-verify";
import { OrganizationPart } from "./part";
import { organizationStyles } from "./styles";
import { words } from "../words";

@customElement("postern-audit-tools")
export class PosternAuditTools extends OrganizationPart {
  @state() private open: "export" | "verify" | undefined;

  static override styles = organizationStyles;

  override render() {
    const { auditFile: text } = words;
    return html`<p class="row">
        <button class="small" type="button" @click=${() => (this.open = "verify")}>${text.verify}</button>
        <button class="small" type="button" @click=${() => (this.open = "export")}>${text.export}</button>
      </p>
      ${this.dialog()}`;
  }

  private dialog() {
    const closed = () => (this.open = undefined);
    if (this.open === "export")
      return html`<postern-audit-export
        .api=${this.api}
        .me=${this.me}
        @postern-closed=${closed}
      ></postern-audit-export>`;
    if (this.open === "verify")
      return html`<postern-audit-verify
        .api=${this.api}
        .me=${this.me}
        @postern-closed=${closed}
      ></postern-audit-verify>`;
    return nothing;
  }
}
