// Chromium's virtual authenticator: a device with passkeys, over the DevTools protocol.

import type { CDPSession, Page } from "@playwright/test";

export class VirtualAuthenticator {
  private constructor(
    private readonly cdp: CDPSession,
    private readonly authenticatorId: string,
  ) {}

  /** A device that checks its user, unless told otherwise; a security key would be `transport: "usb"`. */
  static async plugIn(page: Page, more: object = {}): Promise<VirtualAuthenticator> {
    const cdp = await page.context().newCDPSession(page);
    await cdp.send("WebAuthn.enable");
    const { authenticatorId } = await cdp.send("WebAuthn.addVirtualAuthenticator", {
      options: {
        protocol: "ctap2",
        transport: "internal",
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
        ...more,
      },
    });
    return new VirtualAuthenticator(cdp, authenticatorId);
  }

  /** What it holds. */
  async credentials() {
    return (await this.cdp.send("WebAuthn.getCredentials", { authenticatorId: this.authenticatorId }))
      .credentials;
  }

  /** Whether the person's finger, face or PIN is the right one. */
  async verifiesUser(isUserVerified: boolean): Promise<void> {
    await this.cdp.send("WebAuthn.setUserVerified", {
      authenticatorId: this.authenticatorId,
      isUserVerified,
    });
  }

  /** Whether somebody touches it as soon as it asks. */
  async touched(enabled: boolean): Promise<void> {
    await this.cdp.send("WebAuthn.setAutomaticPresenceSimulation", {
      authenticatorId: this.authenticatorId,
      enabled,
    });
  }

  /** Signs with something else. */
  async signsBadly(isBogusSignature: boolean): Promise<void> {
    await this.cdp.send("WebAuthn.setResponseOverrideBits", {
      authenticatorId: this.authenticatorId,
      isBogusSignature,
    });
  }
}
