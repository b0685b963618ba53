using Tabular.ModelCache.Benchmarks.Recordings;

/// <summary>
/// What <c>DOTNET_STARTUP_HOOKS</c> runs in another program before its own code; the runtime wants this name, outside of any namespace
/// (<see href="https://github.com/dotnet/runtime/blob/main/docs/design/features/host-startup-hook.md"/>).
/// </summary>
#pragma warning disable CA1050
internal static class StartupHook
#pragma warning restore CA1050
{
    public static void Initialize() => Recorder.Start();
}
