using Tabular.ModelCache.EndToEnd.Tests.Fleet;
using Tabular.ModelCache.EndToEnd.Tests.Harness;

namespace Tabular.ModelCache.EndToEnd.Tests.Mounts;

/// <summary>A file of the active version that the mount shows otherwise than the store has it: the mount is one of a copy, which is changed.</summary>
public sealed class DifferenceTests(PublishedBucket published) : IClassFixture<PublishedBucket>, IDisposable
{
    private readonly TemporaryFolder _copy = new();

    [Theory]
    [InlineData("Marker")]
    [InlineData("Metadata")]
    public async Task Start_FileMissingOnTheMount_ExitsAndNamesIt(string level)
    {
        await using var mounted = await MountCopyAsync(File.Delete);

        var app = mounted.With("Verification", level).With("Mount:LagTimeout", TimeSpan.FromSeconds(2)).Start();

        await mounted.ShouldFailAsync(app, MountMessages.FileMissing(published, mounted.Mount.Path));
    }

    [Theory]
    [InlineData("Marker")]
    [InlineData("Metadata")]
    public async Task Start_FileOfAnotherSizeOnTheMount_ExitsAndNamesBothSizes(string level)
    {
        var size = published.LargestFile.Size;
        await using var mounted = await MountCopyAsync(file => File.AppendAllText(file, "x"));

        await mounted.ShouldFailAsync(
            mounted.With("Verification", level).Start(),
            MountMessages.Wrong(published.LargestFile.Name, $"{size} bytes", $"{size + 1} bytes"));
    }

    [Fact]
    public async Task Start_OtherBytesOfTheSameSizeOnTheMount_ExitsAtContentAndNamesBothDigests()
    {
        await using var mounted = await MountCopyAsync(file =>
        {
            using var stream = new FileStream(file, FileMode.Open);
            stream.Position = published.LargestFile.Size / 2;
            var value = stream.ReadByte();
            stream.Position--;
            stream.WriteByte((byte)(value ^ 1));
        });
        var found = await MountView.Sha256Async(Path.Join(mounted.Mount.Path, published.LargestFile.Name));

        await mounted.ShouldFailAsync(
            mounted.With("Verification", "Content").Start(),
            MountMessages.Wrong(published.LargestFile.Name, $"sha256 {published.LargestFile.Sha256}", $"sha256 {found}"));
    }

    public void Dispose() => _copy.Dispose();

    private async Task<MountedApp> MountCopyAsync(Action<string> change)
    {
        var copied = await Tool.RunAsync("cp", ["-a", published.Bucket.Root, _copy.Join("root")]);
        copied.ExitCode.Should().Be(0, copied.Error);
        change(_copy.Join("root", CloudBucket.Name, published.LargestFile.Name));
        return await MountedApp.MountAsync(published, root: _copy.Join("root"));
    }
}
