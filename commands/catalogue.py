"""Every command, by its name: what the permission table, the API and the law tests go through."""

from collections.abc import Mapping

from commands import access, anchors, directory, duties, erasure, exports, plans, procedures, runs, tenants
from commands.procedures import ProcedureCommand
from commands.runs import RunCommand, StartRun
from commands.tenants import TenantCommand
from commands.wide import WideCommand

Narrow = TenantCommand | ProcedureCommand | RunCommand | StartRun
"""Commands that write one stream."""
Command = Narrow | WideCommand

COMMANDS: Mapping[str, type[Command]] = {
    kind.name: kind
    for kind in (
        tenants.SignUp,
        tenants.ChoosePlan,
        tenants.AddDepartment,
        tenants.InviteMember,
        tenants.AcceptInvitation,
        tenants.DeactivateMember,
        tenants.ReactivateMember,
        directory.ProvisionMember,
        directory.UpdateProvisioned,
        directory.RemoveProvisioned,
        tenants.ChangePermission,
        access.ExtendAccess,
        tenants.SetRoleHolders,
        tenants.IssueApiKey,
        tenants.RevokeApiKey,
        duties.HandOver,
        duties.UndoHandover,
        duties.MoveSteps,
        duties.SetAbsence,
        duties.EndAbsence,
        erasure.ErasePerson,
        erasure.SetHold,
        erasure.ReleaseHold,
        erasure.SetRetention,
        erasure.AnnounceEnd,
        erasure.WithdrawEnd,
        erasure.CloseTenant,
        exports.AskExport,
        exports.CancelExport,
        exports.FinishExport,
        exports.FailExport,
        exports.ExpireExport,
        exports.NoteDownload,
        anchors.SetAnchorWebhook,
        anchors.DirectCheckpoints,
        plans.WithdrawPlanChange,
        plans.CancelPlan,
        plans.LapsePlan,
        plans.EndTrial,
        plans.ExpireInvitation,
        plans.ApplyPlanChange,
        access.LinkIdentity,
        access.UnlinkIdentity,
        access.ClaimIdentity,
        procedures.SaveDraft,
        procedures.PublishProcedure,
        procedures.RetireProcedure,
        runs.StartRun,
        runs.CompleteStep,
        runs.ApproveStep,
        runs.RejectStep,
        runs.SendBack,
        runs.ReopenStep,
        runs.SkipStep,
        runs.ReassignStep,
        runs.TakeStep,
        runs.ChangeDueDate,
        runs.Comment,
        runs.CancelRun,
    )
}
