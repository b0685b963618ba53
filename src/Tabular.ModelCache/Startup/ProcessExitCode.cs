namespace Tabular.ModelCache.Startup;

/// <inheritdoc cref="IExitCodeSink"/>
internal sealed class ProcessExitCode : IExitCodeSink
{
    public void Set(int exitCode) => Environment.ExitCode = exitCode;
}
