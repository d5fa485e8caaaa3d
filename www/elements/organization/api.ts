// The routes of one organization, as its owners and admins call them.

import type { Api, Me, Purpose } from "../api";
import type { components, paths } from "../openapi";

type Schemas = components["schemas"];

export type AuditEvent = Schemas["AuditEvent"];
export type AuditPage = Schemas["AuditPage"];
export type Counts = Schemas["UserCounts"];
export type Ended = Schemas["EndedCounts"];
export type HelpRequest = Schemas["HelpRequest"];
export type HelpRequestPage = Schemas["HelpRequestPage"];
export type Organization = Schemas["Organization"];
export type OrganizationChange = Schemas["OrganizationChange"];
export type Overview = Schemas["Overview"];
export type Person = Schemas["User"];
export type PersonSecurity = Schemas["PersonSecurity"];
export type Policy = Schemas["Policy"];
export type Previewed = Schemas["PreviewAnswer"];
export type Facts = Schemas["FactsAnswer"];
export type Selection = Schemas["SelectionAnswer"];
export type Unreadable = Exclude<Schemas["ListedUser"], Person>;
export type UnsentMail = Schemas["UnsentMail"];
export type UnsentMailPage = Schemas["MailPage"];
export type UserBody = Schemas["UserBody"];
export type UserPage = Schemas["UserPage"];
export type Asked = NonNullable<paths["/v1/organizations/{org}/users"]["get"]["parameters"]["query"]>;
export type AuditAsked = NonNullable<
  paths["/v1/organizations/{org}/audit-events"]["get"]["parameters"]["query"]
>;

export class OrganizationApi {
  private readonly org: string;

  constructor(
    private readonly api: Api,
    me: Pick<Me, "organization">,
  ) {
    this.org = me.organization.id;
  }

  organization() {
    return this.api.call("get", "/v1/organizations/{org}", { names: { org: this.org } });
  }
  changeOrganization(body: OrganizationChange, purpose: string) {
    const given = { names: { org: this.org }, body };
    return this.api.call("patch", "/v1/organizations/{org}", given, { to: purpose });
  }
  overview() {
    return this.api.call("get", "/v1/organizations/{org}/overview", { names: { org: this.org } });
  }
  people(query: Asked) {
    return this.api.call("get", "/v1/organizations/{org}/users", { names: { org: this.org }, query });
  }
  /** The list as a file, 5000 people at a time; `query` is that of the list, then what the file before says. */
  spreadsheet(query: string) {
    return this.api.file(`/v1/organizations/${encodeURIComponent(this.org)}/users.csv${query}`);
  }
  helpRequests(cursor?: string) {
    const given = { names: { org: this.org }, query: cursor === undefined ? {} : { cursor } };
    return this.api.call("get", "/v1/organizations/{org}/help-requests", given);
  }
  unsentMail(cursor?: string) {
    const given = { names: { org: this.org }, query: cursor === undefined ? {} : { cursor } };
    return this.api.call("get", "/v1/organizations/{org}/mail", given);
  }
  retryMail(id: string, purpose: string) {
    const given = { names: { org: this.org, id }, body: {} };
    return this.api.call("post", "/v1/organizations/{org}/mail/{id}/retry", given, { to: purpose });
  }
  groups(prefix: string, limit = 20) {
    const given = { names: { org: this.org }, query: { prefix, limit } };
    return this.api.call("get", "/v1/organizations/{org}/groups", given);
  }
  events(query: AuditAsked) {
    const given = { names: { org: this.org }, query };
    return this.api.call("get", "/v1/organizations/{org}/audit-events", given);
  }
  /** The audit log as a file, piece by piece. */
  async *auditLog(format: "ndjson" | "csv"): AsyncGenerator<string> {
    let query: string | undefined = "";
    while (query !== undefined) {
      const path = `/v1/organizations/${encodeURIComponent(this.org)}/audit-log.${format}${query}`;
      const piece: { text: string; next: string | undefined } = await this.api.file(path);
      yield piece.text;
      query = piece.next;
    }
  }
  person(user: string) {
    return this.api.call("get", "/v1/organizations/{org}/users/{user}", this.of(user));
  }
  add(user: string, body: UserBody, purpose: string) {
    const given = { ...this.of(user), body };
    return this.api.call("put", "/v1/organizations/{org}/users/{user}", given, { to: purpose });
  }
  change(user: string, body: UserBody, purpose: string) {
    const given = { ...this.of(user), body };
    return this.api.call("patch", "/v1/organizations/{org}/users/{user}", given, { to: purpose });
  }
  delete(user: string, purpose: string) {
    return this.api.call("delete", "/v1/organizations/{org}/users/{user}", this.of(user), { to: purpose });
  }
  security(user: string) {
    return this.api.call("get", "/v1/organizations/{org}/users/{user}/security", this.of(user));
  }
  revoke(user: string, authenticators: number, purpose: string) {
    const given = { ...this.of(user), body: { authenticators } };
    return this.api.call("post", "/v1/organizations/{org}/users/{user}/revoke-mfa", given, { to: purpose });
  }
  previewRevocation(users: string[]) {
    const given = { names: { org: this.org }, body: { users } };
    return this.api.call("post", "/v1/organizations/{org}/revoke-mfa/preview", given);
  }
  revokeAll(users: string[], { people, ended }: Selection, purpose: string) {
    const body = { users, people, authenticators: ended.authenticators };
    const given = { names: { org: this.org }, body };
    return this.api.call("post", "/v1/organizations/{org}/revoke-mfa", given, { to: purpose });
  }
  invite(user: string, purpose: string) {
    const given = { ...this.of(user), body: {} };
    return this.api.call("post", "/v1/organizations/{org}/users/{user}/invite", given, { to: purpose });
  }
  startReset(user: string, minutes: number, purpose: string) {
    const given = { ...this.of(user), body: { minutes } };
    return this.api.call("post", "/v1/organizations/{org}/users/{user}/reset-mfa", given, { to: purpose });
  }
  cancelReset(user: string, purpose: string) {
    const given = { ...this.of(user), body: {} };
    return this.api.call("post", "/v1/organizations/{org}/users/{user}/cancel-reset", given, { to: purpose });
  }
  signOut(user: string, purpose: string) {
    const given = { ...this.of(user), body: {} };
    return this.api.call("post", "/v1/organizations/{org}/users/{user}/sign-out", given, { to: purpose });
  }
  unlock(user: string, purpose: string) {
    const given = { ...this.of(user), body: {} };
    return this.api.call("post", "/v1/organizations/{org}/users/{user}/unlock", given, { to: purpose });
  }

  policy() {
    return this.api.call("get", "/v1/organizations/{org}/policy", { names: { org: this.org } });
  }
  /** What a policy is previewed over, of everyone. */
  async facts(): Promise<Facts> {
    let page = await this.factsAfter();
    const all = page;
    while (page.next_cursor) {
      page = await this.factsAfter(page.next_cursor);
      all.people.push(...page.people);
      all.unreadable += page.unreadable;
    }
    return all;
  }
  private factsAfter(cursor?: string) {
    const given = { names: { org: this.org }, query: cursor === undefined ? {} : { cursor } };
    return this.api.call("get", "/v1/organizations/{org}/policy/facts", given);
  }
  /** What saving a policy has to repeat, beside whom it affects. */
  previewPolicy(policy: Policy) {
    const given = { names: { org: this.org }, body: { policy } };
    return this.api.call("post", "/v1/organizations/{org}/policy/preview", given);
  }
  putPolicy(body: Schemas["PolicyBody"], purpose: string) {
    const given = { names: { org: this.org }, body };
    // A backup code proves too little for a policy.
    const why: Purpose = { to: purpose, without: "backup_code" };
    return this.api.call("put", "/v1/organizations/{org}/policy", given, why);
  }

  private of(user: string) {
    return { names: { org: this.org, user } };
  }
}
