using Microsoft.Extensions.Configuration;

namespace Tabular.ModelCache.Doctor;

/// <summary>What a process sees of the machine around it.</summary>
/// <param name="Variable">Gives an environment variable; <see langword="null"/> when it is unset or blank.</param>
/// <param name="MemoryLimit">Gives the memory limit of the container in bytes; <see langword="null"/> when there is none.</param>
/// <param name="CommandLines">Gives the command lines of the processes that can be seen.</param>
/// <param name="Region">Gives the region of the platform; <see langword="null"/> when it is not known.</param>
internal sealed record DoctorSurroundings(
    Func<string, string?> Variable,
    Func<long?> MemoryLimit,
    Func<IReadOnlyList<IReadOnlyList<string>>> CommandLines,
    Func<CancellationToken, Task<string?>> Region)
{
    /// <summary>Gets what reads are measured with.</summary>
    public TimeProvider Stopwatch { get; init; } = TimeProvider.System;

    public static DoctorSurroundings Create(IConfiguration? configuration)
    {
        return new DoctorSurroundings(
            Read,
            MemoryLimits.Read,
            CommandLineTable.Read,
            cancellationToken => CloudRegion.ReadAsync(Read, cancellationToken));

        // As the variables of the deployment are read: Ollama strips blanks and quotes around its own.
        string? Read(string variable)
        {
            var value = (configuration?[variable] ?? Environment.GetEnvironmentVariable(variable))?.Trim().Trim('"', '\'').Trim();
            return string.IsNullOrEmpty(value) ? null : value;
        }
    }
}
