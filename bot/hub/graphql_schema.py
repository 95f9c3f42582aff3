"""The part of GitHub's GraphQL schema that the hub answers."""

from __future__ import annotations

SDL = """
scalar URI
scalar DateTime
scalar BigInt
scalar GitObjectID
interface Node { id: ID! }
interface Actor { login: String! url: URI! }
interface RepositoryOwner { id: ID! login: String! url: URI! }
type Organization implements Node & Actor & RepositoryOwner {
  id: ID! login: String! databaseId: Int name: String url: URI!
}
type User implements Node & Actor & RepositoryOwner {
  id: ID! login: String! databaseId: Int name: String url: URI!
}
type Bot implements Node & Actor { id: ID! login: String! databaseId: Int url: URI! }
type RateLimit { limit: Int! cost: Int! remaining: Int! used: Int! resetAt: DateTime! nodeCount: Int! }
type PageInfo { hasNextPage: Boolean! hasPreviousPage: Boolean! endCursor: String startCursor: String }
type Label implements Node { id: ID! name: String! color: String! description: String }
type LabelConnection { nodes: [Label] totalCount: Int! pageInfo: PageInfo! }
enum IssueState { OPEN CLOSED }
type Issue implements Node {
  id: ID! databaseId: Int number: Int! title: String! body: String! state: IssueState! closed: Boolean!
  url: URI! author: Actor isPinned: Boolean createdAt: DateTime! updatedAt: DateTime!
  labels(first: Int, after: String): LabelConnection
}
enum ReactionContent { CONFUSED EYES HEART HOORAY LAUGH ROCKET THUMBS_DOWN THUMBS_UP }
type ReactorConnection { totalCount: Int! }
type ReactionGroup {
  content: ReactionContent! viewerHasReacted: Boolean!
  reactors(first: Int, after: String, last: Int, before: String): ReactorConnection!
}
type IssueComment implements Node {
  id: ID! databaseId: Int fullDatabaseId: BigInt body: String! url: URI! author: Actor createdAt: DateTime!
  updatedAt: DateTime! reactionGroups: [ReactionGroup!]
}
type PinnedIssue implements Node { id: ID! databaseId: Int issue: Issue! repository: Repository! }
type PinnedIssueConnection { nodes: [PinnedIssue] totalCount: Int! pageInfo: PageInfo! }
type Ref implements Node { id: ID! name: String! }
type Repository implements Node {
  id: ID! databaseId: Int name: String! nameWithOwner: String! description: String url: URI!
  isPrivate: Boolean! defaultBranchRef: Ref owner: RepositoryOwner!
  issue(number: Int!): Issue
  pullRequest(number: Int!): PullRequest
  pullRequests(states: [PullRequestState!], headRefName: String, baseRefName: String, first: Int,
    after: String, last: Int, before: String): PullRequestConnection!
  pinnedIssues(first: Int, after: String, last: Int, before: String): PinnedIssueConnection
}
enum PullRequestState { OPEN CLOSED MERGED }
enum MergeableState { MERGEABLE CONFLICTING UNKNOWN }
enum MergeStateStatus { BEHIND BLOCKED CLEAN DIRTY DRAFT HAS_HOOKS UNKNOWN UNSTABLE }
enum PullRequestReviewDecision { APPROVED CHANGES_REQUESTED REVIEW_REQUIRED }
enum PullRequestReviewState { APPROVED CHANGES_REQUESTED COMMENTED DISMISSED PENDING }
enum CommentAuthorAssociation { COLLABORATOR CONTRIBUTOR FIRST_TIMER FIRST_TIME_CONTRIBUTOR MANNEQUIN MEMBER
  NONE OWNER }
enum StatusState { ERROR EXPECTED FAILURE PENDING SUCCESS }
enum CheckStatusState { COMPLETED IN_PROGRESS PENDING QUEUED REQUESTED WAITING }
enum CheckConclusionState { ACTION_REQUIRED CANCELLED FAILURE NEUTRAL SKIPPED STALE STARTUP_FAILURE SUCCESS
  TIMED_OUT }
type StatusContext implements Node {
  id: ID! context: String! state: StatusState! description: String targetUrl: URI createdAt: DateTime!
  creator: Actor
}
type CheckRun implements Node {
  id: ID! name: String! status: CheckStatusState! conclusion: CheckConclusionState detailsUrl: URI
  title: String summary: String
}
union StatusCheckRollupContext = CheckRun | StatusContext
type StatusCheckRollupContextConnection {
  nodes: [StatusCheckRollupContext] totalCount: Int! pageInfo: PageInfo!
}
type StatusCheckRollup {
  state: StatusState!
  contexts(first: Int, after: String, last: Int, before: String): StatusCheckRollupContextConnection!
}
type Commit implements Node {
  id: ID! oid: GitObjectID! message: String! messageHeadline: String! url: URI! committedDate: DateTime!
  statusCheckRollup: StatusCheckRollup
  parents(first: Int, after: String, last: Int, before: String): CommitConnection!
}
type CommitConnection { nodes: [Commit] totalCount: Int! pageInfo: PageInfo! }
type PullRequestCommit implements Node { id: ID! commit: Commit! url: URI! }
type PullRequestCommitConnection { nodes: [PullRequestCommit] totalCount: Int! pageInfo: PageInfo! }
type PullRequestReviewComment implements Node {
  id: ID! databaseId: Int author: Actor path: String! line: Int originalLine: Int body: String!
  diffHunk: String! url: URI! createdAt: DateTime!
}
type PullRequestReviewCommentConnection {
  nodes: [PullRequestReviewComment] totalCount: Int! pageInfo: PageInfo!
}
type PullRequestReview implements Node {
  id: ID! databaseId: Int fullDatabaseId: BigInt author: Actor authorAssociation: CommentAuthorAssociation!
  state: PullRequestReviewState! body: String! submittedAt: DateTime url: URI! commit: Commit
  comments(first: Int, after: String, last: Int, before: String): PullRequestReviewCommentConnection!
}
type PullRequestReviewConnection { nodes: [PullRequestReview] totalCount: Int! pageInfo: PageInfo! }
type IssueConnection { nodes: [Issue] totalCount: Int! pageInfo: PageInfo! }
type PullRequest implements Node {
  id: ID! databaseId: Int number: Int! title: String! body: String! state: PullRequestState! closed: Boolean!
  merged: Boolean! mergedAt: DateTime mergedBy: Actor closedAt: DateTime createdAt: DateTime!
  updatedAt: DateTime! isDraft: Boolean! mergeable: MergeableState! mergeStateStatus: MergeStateStatus!
  reviewDecision: PullRequestReviewDecision
  headRefOid: GitObjectID! headRefName: String! baseRefOid: GitObjectID!
  baseRefName: String! url: URI! author: Actor authorAssociation: CommentAuthorAssociation!
  mergeCommit: Commit changedFiles: Int! additions: Int! deletions: Int!
  labels(first: Int, after: String): LabelConnection
  closingIssuesReferences(first: Int, after: String, last: Int, before: String): IssueConnection
  commits(first: Int, after: String, last: Int, before: String): PullRequestCommitConnection!
  reviews(first: Int, after: String, last: Int, before: String, states: [PullRequestReviewState!]):
    PullRequestReviewConnection
  latestOpinionatedReviews(first: Int, after: String, last: Int, before: String,
    writersOnly: Boolean = false): PullRequestReviewConnection
}
type PullRequestConnection { nodes: [PullRequest] totalCount: Int! pageInfo: PageInfo! }
type Query {
  viewer: User!
  repository(owner: String!, name: String!, followRenames: Boolean = true): Repository
  node(id: ID!): Node
  nodes(ids: [ID!]!): [Node]!
  rateLimit(dryRun: Boolean = false): RateLimit
}
input PinIssueInput { issueId: ID! clientMutationId: String }
type PinIssuePayload { issue: Issue clientMutationId: String }
input UnpinIssueInput { issueId: ID! clientMutationId: String }
type UnpinIssuePayload { issue: Issue id: ID clientMutationId: String }
type Mutation {
  pinIssue(input: PinIssueInput!): PinIssuePayload
  unpinIssue(input: UnpinIssueInput!): UnpinIssuePayload
}
"""
