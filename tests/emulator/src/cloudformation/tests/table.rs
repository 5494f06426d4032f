//! What a stack sends, and what remains of it.
//!
//! After a `>`, the operations on a new stack, and what the last one returns. After a `+`, further
//! ones.
//!
//! An operation is followed by resources (`logical id=alias`) or ids, and by the responses of the
//! function that are not a success. `after:A`, `while:A` and `end` say when another resource fails.
//! What is returned has the requests of each phase, an Update as `Update A [id] new←old`.

pub(super) const SCENARIOS: &str = r#"
# Creates are sent in template order.
> create B=b A=a
  CREATE_COMPLETE | CREATE: Create B b, Create A a | stack: B=b, A=a
# A failed Create is deleted with the id of its response.
> create A=a B=b C=c; Create B: FAILED marker
  ROLLBACK_COMPLETE | CREATE: Create A a, Create B b | ROLLBACK: Delete B [marker] b, Delete A [a] a
# A Create without a response is deleted with a generated id.
> create A=a; Create A: none
  ROLLBACK_COMPLETE | CREATE: Create A a | ROLLBACK: Delete A [A…] a
# A Create that exceeds ServiceTimeout is deleted while it may still run.
> create A=a:60; Create A: after 90; 1: after 60
  ROLLBACK_COMPLETE | CREATE: Create A a (TimedOut, [a]) | ROLLBACK: Delete A [A…] a | deliveries: start Create A,
  start Delete A [A…], end Create A, end Delete A [A…]
+ delete
  DELETE_COMPLETE
# The default of ServiceTimeout is one hour.
> create A=a; Create A: after 3601
  ROLLBACK_COMPLETE | CREATE: Create A a (TimedOut, [a]) | ROLLBACK: Delete A [A…] a | deliveries: start Create A,
  start Delete A [A…], end Delete A [A…], end Create A
# An invalid response fails the Create and is a violation.
> create A=a; Create A: raw {"Status":"SUCCESS"}
  ROLLBACK_COMPLETE | CREATE: Create A a | ROLLBACK: Delete A [A…] a | violation: Create A: StackId is missing
# A failure of another resource rolls the Create back, at the end at the latest.
> create A=a B=b after:A
  ROLLBACK_COMPLETE | CREATE: Create A a | ROLLBACK: Delete A [a] a
> create A=a B=b end
  ROLLBACK_COMPLETE | CREATE: Create A a, Create B b | ROLLBACK: Delete B [b] b, Delete A [a] a
> create A=a B=b after:X
  ROLLBACK_COMPLETE | CREATE: Create A a, Create B b | ROLLBACK: Delete B [b] b, Delete A [a] a
# A resource whose rollback Delete fails is deleted by delete-stack.
> create A=a B=b; Create B: FAILED marker; Delete A [a]: FAILED a
  ROLLBACK_FAILED | CREATE: Create A a, Create B b | ROLLBACK: Delete B [marker] b, Delete A [a] a | pending: A [a]
+ update A=a B=b
  update-stack: the status of the stack is ROLLBACK_FAILED
+ delete
  DELETE_COMPLETE | DELETE: Delete A [a] a
# A rollback sends nothing for a retained resource.
> create B=b A=a:Retain end
  ROLLBACK_COMPLETE | CREATE: Create B b, Create A a | ROLLBACK: Delete B [b] b | retained: A [a]
# RetainExceptOnCreate deletes in a rollback only.
> create A=a:RetainExceptOnCreate end
  ROLLBACK_COMPLETE | CREATE: Create A a | ROLLBACK: Delete A [a] a
> create A=a:RetainExceptOnCreate / delete
  DELETE_COMPLETE | retained: A [a]
# A stack is created once, and deleted once, the last resource first.
> create A=a B=b / create A=a
  create-stack: the status of the stack is CREATE_COMPLETE
+ delete
  DELETE_COMPLETE | DELETE: Delete B [b] b, Delete A [a] a
+ delete
  delete-stack: the status of the stack is DELETE_COMPLETE
# A failed delete can be repeated.
> create A=a B=b / delete; Delete B [b]: FAILED b
  DELETE_FAILED | DELETE: Delete B [b] b, Delete A [a] a | pending: B [b]
+ delete; Delete B [b]: none
  DELETE_FAILED | DELETE: Delete B [b] b | pending: B [b]
+ delete
  DELETE_COMPLETE | DELETE: Delete B [b] b
# RetainResources has an effect only after a failed delete.
> create A=a / delete A; Delete A [a]: FAILED a
  DELETE_FAILED | DELETE: Delete A [a] a | pending: A [a]
+ delete A; Delete A [a]: FAILED a
  DELETE_COMPLETE | retained: A [a]
# A retained resource is not deleted.
> create B=b A=a:Retain / delete
  DELETE_COMPLETE | DELETE: Delete B [b] b | retained: A [a]
# A Delete response with another id is a violation.
> create A=a / delete; Delete A [a]: SUCCESS other
  DELETE_COMPLETE | DELETE: Delete A [a] a | violation: Delete A [a]: the response changes the id to [other]
# The first of two responses counts.
> create A=a deliver:Completed,Completed; 0: SUCCESS a; 1: FAILED no
  CREATE_COMPLETE | CREATE: Create A a | stack: A=a
# A lost response has no effect.
> create A=a deliver:ResponseLost,Completed; 0: SUCCESS a; *: FAILED no
  ROLLBACK_FAILED | CREATE: Create A a | ROLLBACK: Delete A [no] a | pending: A [no]
# An import sends nothing and adds the resource to the stack.
> create A=a / import B=b:Retain
  IMPORT_COMPLETE | stack: A=a, B=b
+ update A=a B=b
  UPDATE_COMPLETE | stack: A=a, B=b
+ delete
  DELETE_COMPLETE | DELETE: Delete B [b] b, Delete A [a] a
# An imported resource keeps its own deletion policy.
> create A=a / import B=b:Retain / update A=a
  UPDATE_COMPLETE | retained: B [b] | stack: A=a
# An import needs a stack that can be updated and a new logical id.
> import A=a
  import: the stack was never created
+ create / import A=a
  IMPORT_COMPLETE | stack: A=a
+ import A=a
  import: the status of the stack is IMPORT_COMPLETE
# A cancelled Create is deleted with a generated id while it still runs.
> create A=a B=b while:A; *: after 3
  ROLLBACK_COMPLETE | CREATE: Create A a (Cancelled, [a]) | ROLLBACK: Delete A [A…] a | deliveries: start Create A,
  start Delete A [A…], end Create A, end Delete A [A…]
# An operation ends after all its deliveries.
> create A=a while:A; 0: after 100
  ROLLBACK_COMPLETE | CREATE: Create A a (Cancelled, [a]) | ROLLBACK: Delete A [A…] a | deliveries: start Create A,
  start Delete A [A…], end Delete A [A…], end Create A
# A cancelled Update is rolled back while it still runs, with either id.
> create A=a / update A=b while:A; *: after 3
  UPDATE_ROLLBACK_COMPLETE | UPDATE: Update A [a] b←a (Cancelled, [b]) | UPDATE_ROLLBACK: Update A [a] a←b | stack:
  A=a | deliveries: start Update A [a], start Update A [a], end Update A [a], end Update A [a]
# A cancelled Create of an update is deleted in the cleanup.
> old / create A=a / update A=a2 B=b while:B; *: after 3
  UPDATE_ROLLBACK_COMPLETE | UPDATE: Update A [a] a2←a, Create B b (Cancelled, [b]) | UPDATE_ROLLBACK: Update A [a]
  a←a2 | CLEANUP: Delete A [a2] a2, Delete B [B…] b | stack: A=a | deliveries: start Update A [a], end Update A [a],
  start Create B, start Update A [a], end Create B, end Update A [a], start Delete A [a2], end Delete A [a2], start
  Delete B [B…], end Delete B [B…]
# Another id is a replacement, and the old id is deleted with the old properties.
> create A=a B=b / update A=a2 B=b2
  UPDATE_COMPLETE | UPDATE: Update A [a] a2←a, Update B [b] b2←b | CLEANUP: Delete B [b] b, Delete A [a] a | stack:
  A=a2, B=b2
# UpdateReplacePolicy Retain keeps the replaced resource.
> create A=a / update A=a2:UpdateRetain
  UPDATE_COMPLETE | UPDATE: Update A [a] a2←a | retained: A [a] | stack: A=a2
# A rollback with the new id restores and then deletes the replacement.
> create A=a / update A=b end
  UPDATE_ROLLBACK_COMPLETE | UPDATE: Update A [a] b←a | UPDATE_ROLLBACK: Update A [b] a←b | CLEANUP: Delete A [b] b |
  stack: A=a
# A rollback with the old id restores and then deletes the replacement.
> old / create A=a / update A=b end
  UPDATE_ROLLBACK_COMPLETE | UPDATE: Update A [a] b←a | UPDATE_ROLLBACK: Update A [a] a←b | CLEANUP: Delete A [b] b |
  stack: A=a
# The id of the rollback response is kept and all others are deleted.
> create A=a / update A=b end; 1: SUCCESS b
  UPDATE_ROLLBACK_COMPLETE | UPDATE: Update A [a] b←a | UPDATE_ROLLBACK: Update A [b] a←b | CLEANUP: Delete A [a] a |
  stack: A=b
> create A=a / update A=b end; 1: SUCCESS c
  UPDATE_ROLLBACK_COMPLETE | UPDATE: Update A [a] b←a | UPDATE_ROLLBACK: Update A [b] a←b | CLEANUP: Delete A [b] b,
  Delete A [a] a | stack: A=c
> old / create A=a / update A=b end; 1: SUCCESS b
  UPDATE_ROLLBACK_COMPLETE | UPDATE: Update A [a] b←a | UPDATE_ROLLBACK: Update A [a] a←b | CLEANUP: Delete A [a] a |
  stack: A=b
> old / create A=a / update A=b end; 1: SUCCESS c
  UPDATE_ROLLBACK_COMPLETE | UPDATE: Update A [a] b←a | UPDATE_ROLLBACK: Update A [a] a←b | CLEANUP: Delete A [b] b,
  Delete A [a] a | stack: A=c
# A failed Update is followed by one with swapped properties, with either id.
> create A=a / update A=!; 0: FAILED a
  UPDATE_ROLLBACK_COMPLETE | UPDATE: Update A [a] !←a | UPDATE_ROLLBACK: Update A [a] a←! | stack: A=a
# Only Updates that were sent are rolled back.
> create A=a B=b C=c / update A=a2 B=b2 C=c2; 0: SUCCESS a; 1: FAILED b
  UPDATE_ROLLBACK_COMPLETE | UPDATE: Update A [a] a2←a, Update B [b] b2←b | UPDATE_ROLLBACK: Update A [a] a←a2, Update
  B [b] b←b2 | stack: A=a, B=b, C=c
# A removed resource stays when the update fails.
> create A=a B=b / update B=b end
  UPDATE_ROLLBACK_COMPLETE | stack: A=a, B=b
# A failed Create of an update is deleted in the cleanup of the rollback.
> create A=a / update A=a2 B=b; Create B: FAILED marker
  UPDATE_ROLLBACK_COMPLETE | UPDATE: Update A [a] a2←a, Create B b | UPDATE_ROLLBACK: Update A [a2] a←a2 | CLEANUP:
  Delete A [a2] a2, Delete B [marker] b | stack: A=a
# The cleanup of a rollback abandons what it cannot delete.
> create A=a / update A=b end; Delete A [b]: FAILED b
  UPDATE_ROLLBACK_COMPLETE | UPDATE: Update A [a] b←a | UPDATE_ROLLBACK: Update A [b] a←b | CLEANUP: Delete A [b] b,
  Delete A [b] b, Delete A [b] b | abandoned: A [b] | stack: A=a
# An Update without a valid response is rolled back with the stored id.
> create A=a / update A=b; 0: none
  UPDATE_ROLLBACK_COMPLETE | UPDATE: Update A [a] b←a | UPDATE_ROLLBACK: Update A [a] a←b | stack: A=a
> create A=a / update A=b; 0: raw []
  UPDATE_ROLLBACK_COMPLETE | UPDATE: Update A [a] b←a | UPDATE_ROLLBACK: Update A [a] a←b | violation: Update A [a]:
  the body is not a JSON object | stack: A=a
# A failed Update with another id leads to the Delete of the live resource.
> create A=a / update A=b; 0: FAILED log-stream; 1: SUCCESS log-stream
  UPDATE_ROLLBACK_COMPLETE | UPDATE: Update A [a] b←a | UPDATE_ROLLBACK: Update A [log-stream] a←b | CLEANUP: Delete A
  [a] a | violation: Update A [a]: the response changes the id to [log-stream] | stack: A=log-stream
# A failed Update with another id is deleted if the rollback response has the old id.
> old / create A=a / update A=b; 0: FAILED half-made
  UPDATE_ROLLBACK_COMPLETE | UPDATE: Update A [a] b←a | UPDATE_ROLLBACK: Update A [a] a←b | CLEANUP: Delete A
  [half-made] b | violation: Update A [a]: the response changes the id to [half-made] | stack: A=a
# Continuing rolls back what is not rolled back yet.
> create A=a B=b / update A=a2 B=b2 C=c2; Create C: FAILED marker; Update A [a2]: FAILED a2
  UPDATE_ROLLBACK_FAILED | UPDATE: Update A [a] a2←a, Update B [b] b2←b, Create C c2 | UPDATE_ROLLBACK: Update A [a2]
  a←a2 | stack: A=a2, B=b2 | pending: C [marker]
+ update A=a
  update-stack: the status of the stack is UPDATE_ROLLBACK_FAILED
+ continue
  UPDATE_ROLLBACK_COMPLETE | UPDATE_ROLLBACK: Update A [a2] a←a2, Update B [b2] b←b2 | CLEANUP: Delete B [b2] b2,
  Delete A [a2] a2, Delete C [marker] c2 | stack: A=a, B=b
# Continuing can fail again.
> create A=a B=b / update A=a2 B=b2 C=c2; Create C: FAILED marker; Update A [a2]: FAILED a2 / continue; Update B [b2]: FAILED b2
  UPDATE_ROLLBACK_FAILED | UPDATE_ROLLBACK: Update A [a2] a←a2, Update B [b2] b←b2 | stack: A=a, B=b2 | pending: C
  [marker], A [a2]
+ continue
  UPDATE_ROLLBACK_COMPLETE | UPDATE_ROLLBACK: Update B [b2] b←b2 | CLEANUP: Delete B [b2] b2, Delete A [a2] a2, Delete
  C [marker] c2 | stack: A=a, B=b
# Only a resource whose rollback failed can be skipped.
> create A=a B=b / update A=a2 B=b2 C=c2; Create C: FAILED marker; Update A [a2]: FAILED a2 / continue A B
  UPDATE_ROLLBACK_COMPLETE | UPDATE_ROLLBACK: Update B [b2] b←b2 | CLEANUP: Delete B [b2] b2, Delete A [a] a, Delete C
  [marker] c2 | stack: A=a2, B=b
# A delete after a failed rollback deletes all physical ids.
> create A=a B=b / update A=a2 B=b2 C=c2; Create C: FAILED marker; Update A [a2]: FAILED a2 / delete
  DELETE_COMPLETE | DELETE: Delete C [marker] c2, Delete B [b] b, Delete A [a] a, Delete B [b2] b2, Delete A [a2] a
# The id of a failed rollback response is stored.
> create A=a / update A=b; 0: FAILED a; *: FAILED moved
  UPDATE_ROLLBACK_FAILED | UPDATE: Update A [a] b←a | UPDATE_ROLLBACK: Update A [a] a←b | violation: Update A [a]: the
  response changes the id to [moved] | stack: A=moved
+ continue; *: SUCCESS moved
  UPDATE_ROLLBACK_COMPLETE | UPDATE_ROLLBACK: Update A [moved] a←b | CLEANUP: Delete A [a] a | violation: Delete A
  [a]: the response changes the id to [moved] | stack: A=moved
# A new resource is created, and a removed one is deleted in the cleanup.
> create A=a B=b / update C=c B=b
  UPDATE_COMPLETE | UPDATE: Create C c | CLEANUP: Delete A [a] a | stack: C=c, B=b
# A resource with a new logical id is created before the old one is deleted.
> create A=a / update B=a
  UPDATE_COMPLETE | UPDATE: Create B a | CLEANUP: Delete A [a] a | stack: B=a
# A cleanup abandons a resource after three failed Deletes, and the update succeeds.
> create A=a B=b / update B=b; Delete A [a]: FAILED a
  UPDATE_COMPLETE | CLEANUP: Delete A [a] a, Delete A [a] a, Delete A [a] a | abandoned: A [a] | stack: B=b
+ delete
  DELETE_COMPLETE | DELETE: Delete B [b] b
# A cleanup sends no more Deletes after one succeeds.
> create A=a B=b / update B=b; 0: none; 1: none
  UPDATE_COMPLETE | CLEANUP: Delete A [a] a, Delete A [a] a, Delete A [a] a | stack: B=b
# A removed resource with the policy Retain is not deleted.
> create A=a:Retain / update
  UPDATE_COMPLETE | retained: A [a]
# A changed policy sends nothing and applies to a later delete.
> create A=a / update A=a:Retain
  UPDATE_COMPLETE | stack: A=a
+ delete
  DELETE_COMPLETE | retained: A [a]
# A reference is what the resource returned.
> create A=a B=@A
  CREATE_COMPLETE | CREATE: Create A a, Create B a | stack: A=a, B=a
+ update A=a2 B=@A
  UPDATE_COMPLETE | UPDATE: Update A [a] a2←a, Update B [a] a2←a | CLEANUP: Delete B [a] a, Delete A [a] a | stack:
  A=a2, B=a2
+ update A=a2 B=@A
  UPDATE_COMPLETE | stack: A=a2, B=a2
# A missing attribute fails the resource that refers to it.
> create A=a B=@A.Nothing events
  ROLLBACK_COMPLETE | CREATE: Create A a | ROLLBACK: Delete A [a] a | oncall CREATE_IN_PROGRESS: User Initiated | A
  CREATE_IN_PROGRESS | A CREATE_COMPLETE | B CREATE_FAILED: The resource A returned no attribute Nothing | oncall
  ROLLBACK_IN_PROGRESS: The following resource(s) failed to create: [B]. | A DELETE_IN_PROGRESS | A DELETE_COMPLETE |
  oncall ROLLBACK_COMPLETE
# The events of an update are those of the console.
> create A=a B=b / update A=a2 B=b:Retain events
  UPDATE_COMPLETE | UPDATE: Update A [a] a2←a | CLEANUP: Delete A [a] a | stack: A=a2, B=b | oncall
  UPDATE_IN_PROGRESS: User Initiated | A UPDATE_IN_PROGRESS | A UPDATE_IN_PROGRESS: Requested update required the
  provider to create a new physical resource | A UPDATE_COMPLETE | oncall UPDATE_COMPLETE_CLEANUP_IN_PROGRESS | A
  DELETE_IN_PROGRESS | A DELETE_COMPLETE | oncall UPDATE_COMPLETE
+ update A=a2 events
  UPDATE_COMPLETE | retained: B [b] | stack: A=a2 | oncall UPDATE_IN_PROGRESS: User Initiated | oncall
  UPDATE_COMPLETE_CLEANUP_IN_PROGRESS | B DELETE_SKIPPED | oncall UPDATE_COMPLETE
# A failed Update names its resource and its reason.
> create A=a / update A=b events; 0: FAILED a
  UPDATE_ROLLBACK_COMPLETE | UPDATE: Update A [a] b←a | UPDATE_ROLLBACK: Update A [a] a←b | stack: A=a | oncall
  UPDATE_IN_PROGRESS: User Initiated | A UPDATE_IN_PROGRESS | A UPDATE_FAILED: Received response status [FAILED] from
  custom resource. Message returned: because (RequestId: …) | oncall UPDATE_ROLLBACK_IN_PROGRESS: The following
  resource(s) failed to update: [A]. | A UPDATE_IN_PROGRESS | A UPDATE_COMPLETE | oncall
  UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS | oncall UPDATE_ROLLBACK_COMPLETE
# The replacement of a native resource is rolled back without an Update.
> create A=a:AWS::Example::Thing / update A=b:AWS::Example::Thing end
  UPDATE_ROLLBACK_COMPLETE | UPDATE: Update A [a] b←a | CLEANUP: Delete A [b] b | stack: A=a
# By default, a failure ends the operation.
> create A=a B=b D=d C=@A E=e:needs-C; Create A: FAILED x; Create D: FAILED x
  ROLLBACK_COMPLETE | CREATE: Create A a | ROLLBACK: Delete A [x] a
# All failures of independent resources can be seen.
> independent / create A=a B=b D=d C=@A E=e:needs-C; Create A: FAILED x; Create D: FAILED x
  ROLLBACK_COMPLETE | CREATE: Create A a, Create B b, Create D d | ROLLBACK: Delete D [x] d, Delete B [b] b, Delete A
  [x] a
"#;
