namespace Tabular.Children;

internal enum ChildState
{
    /// <summary>The gate is closed; nothing is started.</summary>
    WaitingForGate,

    /// <summary>Started, and its probe has not answered yet.</summary>
    Starting,

    /// <summary>The probe answers.</summary>
    Running,

    /// <summary>Down; the next start comes after the backoff.</summary>
    BackingOff,

    /// <summary>The app ends.</summary>
    Stopped,
}
