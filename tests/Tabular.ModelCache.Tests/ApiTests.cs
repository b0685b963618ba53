using System.Reflection;
using Tabular.ModelCache.Sources;
using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.Tests;

public sealed class ApiTests
{
    private static readonly Type[] MadeToBeDerivedFrom = [typeof(SourceFile)];

    public static TheoryData<Assembly> Assemblies => [typeof(IModelCache).Assembly, typeof(InMemoryObjectStore).Assembly];

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void PublicClasses_AllOfThem_AreSealedOrStatic(Assembly assembly)
    {
        assembly.GetExportedTypes().Where(t => t.IsClass && !t.IsSealed).Should().BeSubsetOf(MadeToBeDerivedFrom);
    }

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void PublicTypes_AllOfThem_LieInOurNamespaces(Assembly assembly)
    {
        assembly.GetExportedTypes().Should().OnlyContain(t => t.Namespace!.StartsWith("Tabular.ModelCache", StringComparison.Ordinal));
    }

    [Fact]
    public void CorePackage_References_NeedNeitherAspNetCoreNorAnSdkOfTelemetry()
    {
        typeof(IModelCache).Assembly.GetReferencedAssemblies().Select(a => a.Name)
            .Should().NotContain(n => n!.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal) || n == "OpenTelemetry" || n.StartsWith("Spectre", StringComparison.Ordinal));
    }
}
